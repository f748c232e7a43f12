/* Norms: y = (x - mean) / sqrt(variance + eps) * gamma + beta, population variance. */
#include <math.h>

#include "engine/ref_ops.h"

static double gamma_at(const float *gamma, size_t i) {
    return gamma ? (double)gamma[i] : 1.0;
}

static double beta_at(const float *beta, size_t i) {
    return beta ? (double)beta[i] : 0.0;
}

static float normal(double x, double mean, double variance, double eps, double gamma, double beta) {
    return (float)((x - mean) / sqrt(variance + eps) * gamma + beta);
}

/* The mean and the population variance of `count` values `step` apart. */
static void moments(const float *x, size_t count, size_t step, double *mean, double *variance) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i * step];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        double d = (double)x[i * step] - *mean;
        squares += d * d;
    }
    *variance = squares / (double)count;
}

void ref_batch_norm(const struct ref_args *a) {
    struct shape s = a->node->out;
    size_t area = (size_t)s.h * (size_t)s.w;
    for (size_t c = 0; c < (size_t)s.c; c++)
        for (size_t i = c * area; i < (c + 1) * area; i++)
            a->out[i] = normal((double)a->in[0][i], (double)a->w[2][c], (double)a->w[3][c],
                               a->node->value, gamma_at(a->w[0], c), beta_at(a->w[1], c));
}

void ref_norm(const struct ref_args *a) {
    struct shape s = a->node->out;
    size_t area = (size_t)s.h * (size_t)s.w;
    size_t count = (size_t)(s.c / a->node->groups) * area;
    for (size_t g = 0; g < (size_t)a->node->groups; g++) {
        double mean, variance;
        moments(a->in[0] + g * count, count, 1, &mean, &variance);
        for (size_t i = g * count; i < (g + 1) * count; i++)
            a->out[i] = normal((double)a->in[0][i], mean, variance, a->node->value,
                               gamma_at(a->w[0], i / area), beta_at(a->w[1], i / area));
    }
}

void ref_channel_norm(const struct ref_args *a) {
    struct shape s = a->node->out;
    size_t area = (size_t)s.h * (size_t)s.w;
    for (size_t p = 0; p < area; p++) {
        double mean, variance;
        moments(a->in[0] + p, (size_t)s.c, area, &mean, &variance);
        for (size_t c = 0; c < (size_t)s.c; c++)
            a->out[c * area + p] =
                normal((double)a->in[0][c * area + p], mean, variance, a->node->value,
                       gamma_at(a->w[0], c), beta_at(a->w[1], c));
    }
}
