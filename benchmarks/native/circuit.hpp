// A CTRNN in the style in which the field writes it in C++ (after R. D. Beer's CTRNN class; lines of our own):
// an object with vectors counted from 1, weights stored from, to, one loop over the neurons a step.
#pragma once

#include <cmath>
#include <vector>

inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

template <class T> class Vector {
  public:
    explicit Vector(int size = 0) : items(size) {}
    T &operator[](int i) { return items[i - 1]; }

  private:
    std::vector<T> items;
};

class Circuit {
  public:
    Circuit(int n, const double *W, const double *b, const double *tau, const double *y)
        : size(n), states(n), outputs(n), biases(n), gains(n), rtaus(n), inputs(n), k1(n), k2(n), k3(n), k4(n),
          temp_states(n), temp_outputs(n), weights(n)
    {
        for (int i = 1; i <= n; i++) {
            states[i] = y[i - 1];
            biases[i] = b[i - 1];
            gains[i] = 1;
            rtaus[i] = 1 / tau[i - 1];
            inputs[i] = 0;
            outputs[i] = sigmoid(gains[i] * (states[i] + biases[i]));
            weights[i] = Vector<double>(n);
            for (int j = 1; j <= n; j++)
                weights[i][j] = W[(j - 1) * n + (i - 1)];
        }
    }

    void EulerStep(double step_size)
    {
        for (int i = 1; i <= size; i++) {
            double input = inputs[i];
            for (int j = 1; j <= size; j++)
                input += weights[j][i] * outputs[j];
            states[i] += step_size * rtaus[i] * (input - states[i]);
        }
        for (int i = 1; i <= size; i++)
            outputs[i] = sigmoid(gains[i] * (states[i] + biases[i]));
    }

    void RK4Step(double step_size)
    {
        Slope(step_size, states, outputs, k1);
        Stage(0.5, k1);
        Slope(step_size, temp_states, temp_outputs, k2);
        Stage(0.5, k2);
        Slope(step_size, temp_states, temp_outputs, k3);
        Stage(1.0, k3);
        Slope(step_size, temp_states, temp_outputs, k4);
        for (int i = 1; i <= size; i++) {
            states[i] += (1.0 / 6.0) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
            outputs[i] = sigmoid(gains[i] * (states[i] + biases[i]));
        }
    }

    double NeuronOutput(int i) { return outputs[i]; }

    void Read(double *y)
    {
        for (int i = 1; i <= size; i++)
            y[i - 1] = states[i];
    }

  private:
    void Slope(double step_size, Vector<double> &at, Vector<double> &fired, Vector<double> &k)
    {
        for (int i = 1; i <= size; i++) {
            double input = inputs[i];
            for (int j = 1; j <= size; j++)
                input += weights[j][i] * fired[j];
            k[i] = step_size * rtaus[i] * (input - at[i]);
        }
    }

    void Stage(double part, Vector<double> &k)
    {
        for (int i = 1; i <= size; i++) {
            temp_states[i] = states[i] + part * k[i];
            temp_outputs[i] = sigmoid(gains[i] * (temp_states[i] + biases[i]));
        }
    }

    int size;
    Vector<double> states, outputs, biases, gains, rtaus, inputs, k1, k2, k3, k4, temp_states, temp_outputs;
    Vector<Vector<double>> weights;
};
