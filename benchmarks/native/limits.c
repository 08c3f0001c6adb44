/* What one core can do: fused multiply-adds a second, their latency, and the cost of a vectorised sigmoid.
 * Each function returns a number that depends on all of its work, so that nothing is optimised away. */
#define WIDTH 8
typedef double vector __attribute__((vector_size(WIDTH * sizeof(double)), aligned(8)));
typedef long long ints __attribute__((vector_size(WIDTH * sizeof(long long)), aligned(8)));

#define CHAINS 12

/* CHAINS independent accumulators: bound by the number of operations, CHAINS * WIDTH a round */
double fma_throughput(long rounds)
{
    vector sum[CHAINS], scale, shift;
    for (int i = 0; i < WIDTH; i++) {
        scale[i] = 0.999;
        shift[i] = 1e-3;
    }
    for (int c = 0; c < CHAINS; c++)
        sum[c] = shift * (double)c;
    for (long r = 0; r < rounds; r++)
#pragma GCC unroll 12
        for (int c = 0; c < CHAINS; c++)
            sum[c] = sum[c] * scale + shift;
    for (int c = 1; c < CHAINS; c++)
        sum[0] += sum[c];
    return sum[0][0];
}

/* one accumulator: bound by the latency of an operation */
double fma_latency(long rounds)
{
    double sum = 0.5;
    for (long r = 0; r < rounds; r++)
        sum = sum * 0.999 + 1e-3;
    return sum;
}

/* 1 / (1 + 2^f), |f| < 1000: nearest integer through the rounding constant, a degree-10 polynomial, exponent bits */
static inline vector sigmoid(vector f)
{
    const vector magic = (vector){} + 6755399441055744.0;
    vector shifted = f + magic;
    vector r = f - (shifted - magic);
    vector p = r * 7.05491162e-09 + 1.01780860e-07;
    p = p * r + 1.32154867e-06;
    p = p * r + 1.52527338e-05;
    p = p * r + 1.54035304e-04;
    p = p * r + 1.33335581e-03;
    p = p * r + 9.61812911e-03;
    p = p * r + 5.55041087e-02;
    p = p * r + 2.40226507e-01;
    p = p * r + 6.93147181e-01;
    p = p * r + 1.0;
    ints bits = (ints)p + (((ints)shifted) << 52);
    return 1.0 / (1.0 + (vector)bits);
}

/* sigmoids of n numbers (a multiple of 8, small enough for the first cache), rounds times over */
double sigmoid_throughput(long rounds, int n, const double *x, double *y)
{
    for (long r = 0; r < rounds; r++)
        for (int i = 0; i < n; i += WIDTH)
            *(vector *)(y + i) = sigmoid(*(const vector *)(x + i) + *(vector *)(y + i));
    return y[0];
}

typedef float vectorf __attribute__((vector_size(2 * WIDTH * sizeof(float)), aligned(4)));
typedef int intsf __attribute__((vector_size(2 * WIDTH * sizeof(int)), aligned(4)));

static inline vectorf sigmoidf(vectorf f)
{
    const vectorf magic = (vectorf){} + 12582912.0f;
    vectorf shifted = f + magic;
    vectorf r = f - (shifted - magic);
    vectorf p = r * 1.33335581e-03f + 9.61812911e-03f;
    p = p * r + 5.55041087e-02f;
    p = p * r + 2.40226507e-01f;
    p = p * r + 6.93147181e-01f;
    p = p * r + 1.0f;
    intsf bits = (intsf)p + (((intsf)shifted) << 23);
    return 1.0f / (1.0f + (vectorf)bits);
}

float sigmoid_throughput_float(long rounds, int n, const float *x, float *y)
{
    for (long r = 0; r < rounds; r++)
        for (int i = 0; i < n; i += 2 * WIDTH)
            *(vectorf *)(y + i) = sigmoidf(*(const vectorf *)(x + i) + *(vectorf *)(y + i));
    return y[0];
}
