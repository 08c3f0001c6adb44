// One network and a population of them with the C++ of the field, for calls from Python.
#include "circuit.hpp"

extern "C" void euler(int n, long steps, double dt, const double *W, const double *b, const double *tau, double *y)
{
    Circuit circuit(n, W, b, tau, y);
    for (long s = 0; s < steps; s++)
        circuit.EulerStep(dt);
    circuit.Read(y);
}

extern "C" void rk4(int n, long steps, double dt, const double *W, const double *b, const double *tau, double *y)
{
    Circuit circuit(n, W, b, tau, y);
    for (long s = 0; s < steps; s++)
        circuit.RK4Step(dt);
    circuit.Read(y);
}

extern "C" void population(int members, int n, long steps, double dt, const double *W, const double *b,
                           const double *tau, double *y)
{
    for (int m = 0; m < members; m++) {
        long at = (long)m * n;
        euler(n, steps, dt, W + at * n, b + at, tau + at, y + at);
    }
}
