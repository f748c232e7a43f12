/* Structural similarity of luma planes.
 *
 * SSIM: Wang, Bovik, Sheikh, Simoncelli 2004 (ssim_index.m): 11x11 Gaussian of sigma 1.5, K1 =
 * 0.01, K2 = 0.03, L = 255, population moments, valid positions only. MS-SSIM: Wang, Simoncelli,
 * Bovik 2003 (msssim.m): five scales. GMSD: Xue, Zhang, Mou, Bovik 2014. */
#ifndef METRICS_STRUCTURAL_H
#define METRICS_STRUCTURAL_H

#include <stdbool.h>

#include "metrics/plane.h"

#define SSIM_WINDOW    11
#define MS_SSIM_SCALES 5
#define MS_SSIM_SIDE                                                                               \
    (SSIM_WINDOW << (MS_SSIM_SCALES - 1)) /* 176: the smallest that has all scales */
#define GMSD_SIDE 4

/* The reference's part: planes in the scratch given to structural_prepare. */
struct structural_reference {
    int scales; /* 0 (a side under 11), 1 (ms_ssim does not apply) or 5 */
    struct plane image[MS_SSIM_SCALES], mean[MS_SSIM_SCALES], variance[MS_SSIM_SCALES];
    struct plane gradient; /* of GMSD; w is 0 when it does not apply */
};
void structural_prepare(struct scratch *keep, struct scratch *work, const struct plane *image,
                        struct structural_reference *out);

struct structural {
    double ssim, ssim_ink, ms_ssim, gmsd; /* NaN where one does not apply */
};
/* `ink` marks (w * h bytes) what is ink in the reference or the test: ssim_ink is the mean of the
 * SSIM map over the windows that hold any. */
struct structural structural_compare(struct scratch *work,
                                     const struct structural_reference *reference,
                                     const struct plane *image, const unsigned char *ink);

#endif
