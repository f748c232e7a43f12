#include "metrics/ladder.h"

#include "base/check.h"
#include "base/mem.h"
#include "metrics/plates.h"

/* Plates under all ladders: what must be trusted is, and sharpness is fooled by noise. */
static void check_plates(void) {
    static uint8_t image[PLATE_SIZE];
    struct metrics_context *context = metrics_context_create();
    struct ladder_image *images = mem_array(2, sizeof *images);
    plate_make("ref", image);
    ladder_measure(context, image, PLATE, PLATE, 1, 1, &images[0]);
    plate_make("soft", image);
    ladder_measure(context, image, PLATE, PLATE, 1, 2, &images[1]);
    struct ladder_metric out[METRIC_COUNT];
    ladder_judge(images, 2, out);
    const enum metric must[] = {METRIC_L1,   METRIC_RMSE,    METRIC_PSNR,
                                METRIC_SSIM, METRIC_MS_SSIM, METRIC_DSNR_HI};
    for (size_t i = 0; i < sizeof must / sizeof *must; i++) {
        CHECK(out[must[i]].trusted);
        if (!out[must[i]].trusted) printf("  %s\n", metric_info(must[i])->name);
    }
    for (int m = 0; m < METRIC_COUNT; m++)
        if (metric_info((enum metric)m)->better) CHECK(out[m].exact);
    const double *varlap = out[METRIC_VARLAP_RATIO].means[LADDER_NOISE];
    CHECK(varlap[0] == 1 && varlap[1] > 1 && varlap[2] > varlap[1] && varlap[3] > varlap[2]);

    struct text text = {0};
    ladder_report(out, 2, &text);
    CHECK(strstr(text.s, "dsnr_hi         trusted\n"));
    text_free(&text);

    /* A metric that gets better with damage, or stays, is not trusted. */
    images[0].values[LADDER_NOISE][2][METRIC_SSIM] = 2;
    images[1].values[LADDER_BLUR][3][METRIC_L1] = images[1].values[LADDER_BLUR][2][METRIC_L1];
    images[0].values[LADDER_BLUR][3][METRIC_L1] = images[0].values[LADDER_BLUR][2][METRIC_L1];
    images[0].values[LADDER_BLUR][0][METRIC_RMSE] = 1e-300;
    images[0].values[LADDER_BLUR][1][METRIC_GMSD] = NAN;
    images[1].values[LADDER_BLUR][3][METRIC_GMSD] = NAN;
    ladder_judge(images, 2, out);
    CHECK(!out[METRIC_SSIM].trusted && !out[METRIC_SSIM].worsens[LADDER_NOISE]);
    CHECK(!out[METRIC_L1].worsens[LADDER_BLUR] && out[METRIC_L1].worsens[LADDER_NOISE]);
    CHECK(!out[METRIC_RMSE].exact && !out[METRIC_RMSE].trusted);
    CHECK(out[METRIC_GMSD].images[LADDER_BLUR] == 0 && !out[METRIC_GMSD].trusted);
    ladder_report(out, 2, &text);
    CHECK(strstr(text.s, "ssim            untrusted on this data: does not always worsen with "
                         "noise\n"));
    CHECK(strstr(text.s, "rmse            untrusted on this data: an image against itself is not "
                         "perfect\n"));
    CHECK(strstr(text.s,
                 "2 targets, each damaged a little more at each step: blur 0.5, 1, 2; noise"));
    text_free(&text);
    ladder_judge(images, 0, out);
    CHECK(!out[METRIC_L1].trusted);
    ladder_report(out, 0, &text);
    CHECK(strstr(text.s, "l1              does not apply\n"));
    text_free(&text);
    mem_free(images);
    metrics_context_free(context);
}

static void check_damage(void) {
    static uint8_t grey[64 * 48], out[64 * 48], colour[64 * 48 * 3], out3[64 * 48 * 3];
    memset(grey, 100, sizeof grey);
    for (int l = 0; l < LADDER_COUNT; l++) {
        ladder_damage((enum ladder)l, 0, grey, 64, 48, 1, 1, out);
        CHECK(memcmp(grey, out, sizeof grey) == 0);
        CHECK(ladder_level((enum ladder)l, 0) == 0 && ladder_name((enum ladder)l)[0]);
    }
    ladder_damage(LADDER_BLUR, 3, grey, 64, 48, 1, 1, out);
    CHECK(memcmp(grey, out, sizeof grey) == 0); /* flat stays flat */
    ladder_damage(LADDER_CHECKERBOARD, 3, grey, 64, 48, 1, 1, out);
    CHECK(out[0] == 92 && out[1] == 108 && out[64] == 108 && out[65] == 92);
    ladder_damage(LADDER_NOISE, 3, grey, 64, 48, 1, 1, out);
    double sum = 0, squares = 0;
    for (int i = 0; i < 64 * 48; i++) {
        sum += out[i] - 100;
        squares += (out[i] - 100) * (out[i] - 100);
    }
    CHECK_NEAR(sum / (64 * 48), 0, 1.5);
    CHECK_NEAR(sqrt(squares / (64 * 48)), 20, 1);
    /* All channels of colour get the same treatment as grey. */
    for (int i = 0; i < 64 * 48; i++) {
        grey[i] = (uint8_t)(i * 29 % 256);
        memset(colour + 3 * i, grey[i], 3);
    }
    ladder_damage(LADDER_BLUR, 2, grey, 64, 48, 1, 1, out);
    ladder_damage(LADDER_BLUR, 2, colour, 64, 48, 3, 1, out3);
    bool same = true;
    for (int i = 0; i < 64 * 48 * 3; i++) same = same && out3[i] == out[i / 3];
    CHECK(same);
    ladder_damage(LADDER_CHECKERBOARD, 1, colour, 64, 48, 3, 1, out3);
    CHECK(out3[3] == grey[1] + 2 && out3[5] == grey[1] + 2);
}

int main(void) {
    check_damage();
    check_plates();
    return check_end();
}
