#include "metrics/multiple.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

struct place {
    double p;
    size_t index;
};

static int ascending(const void *a, const void *b) {
    double x = ((const struct place *)a)->p, y = ((const struct place *)b)->p;
    return (x > y) - (x < y);
}

/* Those that are not NaN in ascending order; the others go to `out` as they are. */
static struct place *order(const double *p, size_t n, double *out, size_t *count) {
    struct place *places = mem_array(n ? n : 1, sizeof *places);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i]))
            out[i] = p[i];
        else
            places[(*count)++] = (struct place){p[i], i};
    }
    qsort(places, *count, sizeof *places, ascending);
    return places;
}

void multiple_holm(const double *p, size_t n, double *out) {
    size_t m;
    struct place *places = order(p, n, out, &m);
    double largest = 0;
    for (size_t i = 0; i < m; i++) {
        largest = fmax(largest, fmin(1, (double)(m - i) * places[i].p));
        out[places[i].index] = largest;
    }
    mem_free(places);
}

void multiple_benjamini_hochberg(const double *p, size_t n, double *out) {
    size_t m;
    struct place *places = order(p, n, out, &m);
    double smallest = 1;
    for (size_t i = m; i-- > 0;) {
        smallest = fmin(smallest, (double)m * places[i].p / (double)(i + 1));
        out[places[i].index] = smallest;
    }
    mem_free(places);
}
