/* Metrics of images of any small size and content: width, height, channels, then the bytes of both
 * images; what is missing is white. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "metrics/metrics.h"

#define SIDE_MAX 48

const char *const fuzz_seeds[] = {"data/images/grey*.ppm", "data/images/rgb8.png",
                                  "data/glyphs/*/*.png", NULL};

static void check_values(const double values[METRIC_COUNT]) {
    for (int m = 0; m < METRIC_COUNT; m++) FUZZ_CHECK(isnan(values[m]) || isfinite(values[m]));
    FUZZ_CHECK(values[METRIC_L1] >= 0 && values[METRIC_RMSE] >= values[METRIC_L1] - 1e-9);
    FUZZ_CHECK(!(values[METRIC_SSIM] > 1 + 1e-9) && !(values[METRIC_SSIM] < -1 - 1e-9));
    FUZZ_CHECK(!(values[METRIC_IOU] > 1) && !(values[METRIC_IOU] < 0));
    FUZZ_CHECK(!(values[METRIC_BF1] > 1) && !(values[METRIC_BF1] < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) return 0;
    int width = 1 + data[0] % SIDE_MAX, height = 1 + data[1] % SIDE_MAX;
    int channels = data[2] % 2 ? 3 : 1;
    size_t count = (size_t)(width * height * channels);
    uint8_t *pixels = mem_alloc(2 * count);
    memset(pixels, 255, 2 * count);
    memcpy(pixels, data + 3, size - 3 < 2 * count ? size - 3 : 2 * count);
    uint8_t *reference = fuzz_copy(pixels, count), *test = fuzz_copy(pixels + count, count);
    double values[METRIC_COUNT], again[METRIC_COUNT];
    metrics_compare(reference, test, width, height, channels, values);
    check_values(values);
    metrics_compare(reference, test, width, height, channels, again);
    FUZZ_CHECK(memcmp(values, again, sizeof values) == 0);
    metrics_compare(reference, reference, width, height, channels, values);
    FUZZ_CHECK(values[METRIC_L1] == 0 && isnan(values[METRIC_PSNR]));
    mem_free(pixels);
    mem_free(reference);
    mem_free(test);
    return 0;
}
