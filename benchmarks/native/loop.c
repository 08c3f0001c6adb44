/* A CTRNN as a careful C programmer writes it: flat arrays, no allocation inside a step, libm's exponential.
 *
 *     tau_i y_i' = -y_i + sum_j W_ij sigma(y_j + b_j),      W[i * n + j] is the strength from j to i
 *
 * The yardstick of the fixed-step figures: compiled with gcc -O3 -march=native. */
#include <math.h>
#include <stdlib.h>

typedef struct {
    int n;
    const double *W, *b;
    double *inv_tau, *o, *k, *sum, *stage;
} network;

static double sigma(double x) { return 1.0 / (1.0 + exp(-x)); }

static void derivative(const network *net, const double *restrict y, double *restrict dy)
{
    const int n = net->n;
    double *restrict o = net->o;
    for (int j = 0; j < n; j++)
        o[j] = sigma(y[j] + net->b[j]);
    for (int i = 0; i < n; i++) {
        const double *restrict row = net->W + (size_t)i * n;
        double drive = -y[i];
        for (int j = 0; j < n; j++)
            drive += row[j] * o[j];
        dy[i] = drive * net->inv_tau[i];
    }
}

static void euler_step(const network *net, double dt, double *restrict y)
{
    derivative(net, y, net->k);
    for (int i = 0; i < net->n; i++)
        y[i] += dt * net->k[i];
}

static void rk4_step(const network *net, double dt, double *restrict y)
{
    const int n = net->n;
    double *restrict k = net->k, *restrict sum = net->sum, *restrict stage = net->stage;
    derivative(net, y, k);
    for (int i = 0; i < n; i++) {
        sum[i] = k[i];
        stage[i] = y[i] + 0.5 * dt * k[i];
    }
    derivative(net, stage, k);
    for (int i = 0; i < n; i++) {
        sum[i] += 2.0 * k[i];
        stage[i] = y[i] + 0.5 * dt * k[i];
    }
    derivative(net, stage, k);
    for (int i = 0; i < n; i++) {
        sum[i] += 2.0 * k[i];
        stage[i] = y[i] + dt * k[i];
    }
    derivative(net, stage, k);
    for (int i = 0; i < n; i++)
        y[i] += dt / 6.0 * (sum[i] + k[i]);
}

static network open_network(int n, const double *W, const double *b, const double *tau)
{
    network net = {n, W, b, NULL, NULL, NULL, NULL, NULL};
    double *work = malloc(5 * (size_t)n * sizeof *work);
    net.inv_tau = work;
    net.o = work + n;
    net.k = work + 2 * n;
    net.sum = work + 3 * n;
    net.stage = work + 4 * n;
    for (int i = 0; i < n; i++)
        net.inv_tau[i] = 1.0 / tau[i];
    return net;
}

void euler(int n, long steps, double dt, const double *W, const double *b, const double *tau, double *y)
{
    network net = open_network(n, W, b, tau);
    for (long s = 0; s < steps; s++)
        euler_step(&net, dt, y);
    free(net.inv_tau);
}

void rk4(int n, long steps, double dt, const double *W, const double *b, const double *tau, double *y)
{
    network net = open_network(n, W, b, tau);
    for (long s = 0; s < steps; s++)
        rk4_step(&net, dt, y);
    free(net.inv_tau);
}

/* members networks one after the other, on one core */
void population(int members, int n, long steps, double dt, const double *W, const double *b, const double *tau,
                double *y)
{
    for (int m = 0; m < members; m++) {
        size_t at = (size_t)m * n;
        euler(n, steps, dt, W + at * n, b + at, tau + at, y + at);
    }
}
