#include "metrics/bands.h"

#include <math.h>

#include "metrics/metrics.h"

static const double LEAST_SHARE = 1e-6;

struct band_triple bands_triple(const struct spectrum_sums *sums, enum spectrum_band band) {
    struct band_triple out = {NAN, NAN, NAN, NAN};
    double r = sums->band_r[band], t = sums->band_t[band];
    if (!(r > 0) || r < LEAST_SHARE * sums->total_r) return out;
    out.gain = sqrt(t / r);
    out.corr = t > 0 ? sums->band_cross[band] / sqrt(r * t) : NAN;
    out.error = sums->band_error[band] / r;
    out.dsnr = fmin(-10 * log10(out.error) + 0.0, METRIC_DSNR_CAP); /* + 0.0: no -0 */
    return out;
}
