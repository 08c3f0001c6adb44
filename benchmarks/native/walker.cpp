// A leg with one joint, driven by a CTRNN, in the C++ of the field (after Beer & Gallagher 1992; lines of our own).
#include "circuit.hpp"

const double Pi = 3.14159265358979323846;
const double LegLength = 15, MaxForce = 0.05, AngleLimit = Pi / 6, MaxVelocity = 6, MaxTorque = 0.5, MaxOmega = 1;
const double StabilityLimit = 20;

inline double clip(double x, double limit) { return x > limit ? limit : x < -limit ? -limit : x; }

class Walker {
  public:
    double x = 0, v = 0, angle = AngleLimit, omega = 0;

    void Step(Circuit &brain, double dt)
    {
        brain.EulerStep(dt);
        double forward = MaxForce * brain.NeuronOutput(2), backward = MaxForce * brain.NeuronOutput(3);
        bool down = brain.NeuronOutput(1) > 0.5;
        double push = forward - backward, force = 0;
        if (down) {
            omega = 0;
            if ((angle >= -AngleLimit && angle <= AngleLimit) || (angle < -AngleLimit && push < 0) ||
                (angle > AngleLimit && push > 0))
                force = push;
        }
        v = clip(v + dt * force, MaxVelocity);
        x += dt * v;
        if (down) {
            double planted = atan2(foot_x - x, foot_depth);
            omega = (planted - angle) / dt;
            angle = planted;
        } else {
            v = 0;
            omega = clip(omega + dt * MaxTorque * (backward - forward), MaxOmega);
            angle += dt * omega;
            if (fabs(angle) > AngleLimit) {
                angle = clip(angle, AngleLimit);
                omega = 0;
            }
            foot_x = x + LegLength * sin(angle);
            foot_depth = LegLength * cos(angle);
        }
        if (fabs(x - foot_x) > StabilityLimit)
            v = 0;
    }

  private:
    double foot_x = LegLength * sin(AngleLimit), foot_depth = LegLength * cos(AngleLimit);
};

extern "C" void walkers(int members, int n, long steps, double dt, const double *W, const double *b, const double *tau,
                        const double *y, double *scores)
{
    for (int m = 0; m < members; m++) {
        long at = (long)m * n;
        Circuit brain(n, W + at * n, b + at, tau + at, y + at);
        Walker body;
        for (long s = 0; s < steps; s++)
            body.Step(brain, dt);
        scores[m] = body.x / (steps * dt);
    }
}
