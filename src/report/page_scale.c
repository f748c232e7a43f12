#include "report/page_scale.h"

#include <math.h>

struct page_scale page_scale_make(double low, double high, int steps) {
    if (!(high > low)) { /* one value */
        double room = fabs(low) > 0 ? 0.05 * fabs(low) : 1;
        low -= room;
        high += room;
    }
    double raw = (high - low) / steps, power = pow(10, floor(log10(raw))), lead = raw / power;
    double step = (lead > 5 ? 10 : lead > 2 ? 5 : lead > 1 ? 2 : 1) * power;
    return (struct page_scale){floor(low / step) * step, ceil(high / step) * step, step};
}

double page_scale_at(struct page_scale scale, double value) {
    return (value - scale.low) / (scale.high - scale.low);
}

int page_scale_steps(struct page_scale scale) {
    double steps = round((scale.high - scale.low) / scale.step);
    return steps < 20 ? (int)steps : 20;
}

double page_scale_step(struct page_scale scale, int step) {
    double value = scale.low + step * scale.step;
    return fabs(value) < 1e-9 * scale.step ? 0 : value;
}
