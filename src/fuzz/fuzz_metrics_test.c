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
    static struct metrics_context *context; /* as run keeps one a thread, whatever it compares */
    if (size < 3) return 0;
    int width = 1 + data[0] % SIDE_MAX, height = 1 + data[1] % SIDE_MAX;
    int channels = data[2] % 2 ? 3 : 1;
    size_t count = (size_t)(width * height) * (size_t)channels;
    uint8_t *pixels = mem_alloc(2 * count);
    memset(pixels, 255, 2 * count);
    memcpy(pixels, data + 3, size - 3 < 2 * count ? size - 3 : 2 * count);
    uint8_t *reference = fuzz_copy(pixels, count), *test = fuzz_copy(pixels + count, count);
    double values[METRIC_COUNT], again[METRIC_COUNT];
    if (!context) context = metrics_context_create();
    metrics_set_reference(context, reference, width, height, channels);
    metrics_compare_prepared(context, test, values, NULL);
    check_values(values);
    metrics_compare_prepared(context, reference, again, NULL);
    FUZZ_CHECK(again[METRIC_L1] == 0 && isnan(again[METRIC_PSNR]));
    metrics_compare_prepared(context, test, again, NULL); /* nothing of the last test is left */
    for (int m = 0; m < METRIC_COUNT; m++)
        FUZZ_CHECK(values[m] == again[m] || (isnan(values[m]) && isnan(again[m])));
    mem_free(pixels);
    mem_free(reference);
    mem_free(test);
    return 0;
}
