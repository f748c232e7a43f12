/* Metrics against reference values that were computed with numpy 1.24, scipy 1.10 and skimage 0.19
 * from the definitions, in double: SSIM is skimage's structural_similarity(data_range=255,
 * gaussian_weights=True, sigma=1.5, use_sample_covariance=False); glyph values are from
 * scipy.ndimage and skimage.morphology. */
#include "metrics/metrics.h"

#include "base/check.h"
#include "metrics/plates.h"
#include "metrics/rng.h"

struct expectation {
    const char *plate;
    long checksum;
    double l1, rmse, psnr, ssim, ms_ssim, gmsd;
    double dsnr_lo, dsnr_mid, dsnr_hi, gain_hi, corr_hi;
    double frc_auc, frc_cutoff, lsd, cbi2, cb_peak;
    double varlap, tenengrad, gradient; /* of the plate, not ratios */
};

static const double REF_VARLAP = 17486.7652781866, REF_TENENGRAD = 238172.8905944824,
                    REF_GRADIENT = 8132.9866974241;

static const struct expectation expected[] = {
    {"soft",
     33361552,
     0.050796568627451,
     0.0707545264390351,
     23.00491542855,
     0.960864584479207,
     0.979439560065169,
     0.0251123282362287,
     22.0723317403948,
     14.1661919523178,
     7.84420833253118,
     0.613560064096971,
     0.987823453666981,
     0.996828097716078,
     0.5,
     4.09972923625352,
     1.4851437660857e-05,
     10.0207505733939,
     7861.83572868165,
     138452.749572754,
     4217.65822376009},
    {"blur",
     33416849,
     0.101609532973346,
     0.141498966914914,
     16.9849346183119,
     0.802578060548938,
     0.897904673697977,
     0.1211917348494,
     16.0486382585111,
     8.14596179767768,
     1.82794709342156,
     0.283734448026602,
     0.747265164624415,
     0.596968998601845,
     0.365595317334926,
     13.2478039679152,
     1.18655099240983e-06,
     1.88813165700378,
     2545.80715981778,
     70973.3664855957,
     1812.72159938485},
    {"noise",
     33414861,
     0.0389945834290748,
     0.0453869630587517,
     26.8613775176265,
     0.982374163475973,
     0.987267567572022,
     0.0445351578589656,
     17.5013542214306,
     23.9811260173332,
     2.43557049952801,
     1.23018540455658,
     0.789559860530715,
     0.696290974593079,
     0.00501199927261134,
     4.83190399036151,
     2.31990298522779e-05,
     8.11397731680941,
     19744.0273507906,
     238708.641357422,
     8535.57957708574},
    {"cb",
     33425801,
     0.0308152142693015,
     0.0310081789445677,
     30.1704747671905,
     0.991391818187858,
     0.999534089274828,
     0.000810880335245096,
     38.5899801798661,
     45.2491232131314,
     4.85629881386062,
     1.14408269738014,
     0.866221884291736,
     0.994620909187331,
     0.5,
     0.470930462547392,
     0.0372618593515335,
     44.9290346082892,
     21295.8551320434,
     236800.260162354,
     8569.96567474048},
};

static void check_plate(struct metrics_context *context, const struct expectation *e) {
    static uint8_t image[PLATE_SIZE];
    double v[METRIC_COUNT];
    plate_make(e->plate, image);
    CHECK_INT(plate_checksum(image, PLATE, PLATE), e->checksum);
    metrics_compare_prepared(context, image, v, NULL);
    CHECK_NEAR(v[METRIC_L1], e->l1, 1e-12);
    CHECK_NEAR(v[METRIC_RMSE], e->rmse, 1e-12);
    CHECK_NEAR(v[METRIC_PSNR], e->psnr, 1e-10);
    CHECK_NEAR(v[METRIC_SSIM], e->ssim, 1e-12);
    CHECK_NEAR(v[METRIC_MS_SSIM], e->ms_ssim, 1e-12);
    CHECK_NEAR(v[METRIC_GMSD], e->gmsd, 1e-12);
    CHECK_NEAR(v[METRIC_DSNR_LO], e->dsnr_lo, 1e-9);
    CHECK_NEAR(v[METRIC_DSNR_MID], e->dsnr_mid, 1e-9);
    CHECK_NEAR(v[METRIC_DSNR_HI], e->dsnr_hi, 1e-10);
    CHECK_NEAR(v[METRIC_GAIN_HI], e->gain_hi, 1e-11);
    CHECK_NEAR(v[METRIC_CORR_HI], e->corr_hi, 1e-11);
    CHECK_NEAR(v[METRIC_FRC_AUC], e->frc_auc, 1e-11);
    CHECK_NEAR(v[METRIC_FRC_CUTOFF], e->frc_cutoff, 1e-11);
    CHECK_NEAR(v[METRIC_LSD], e->lsd, 1e-10);
    CHECK_NEAR(v[METRIC_CBI2], e->cbi2, 1e-12);
    CHECK_NEAR(v[METRIC_CB_PEAK], e->cb_peak, 1e-9);
    CHECK_NEAR(v[METRIC_VARLAP_RATIO], e->varlap / REF_VARLAP, 1e-12);
    CHECK_NEAR(v[METRIC_TENENGRAD_RATIO], e->tenengrad / REF_TENENGRAD, 1e-12);
    CHECK_NEAR(v[METRIC_GRADIENT_RATIO], e->gradient / REF_GRADIENT, 1e-12);
}

static void check_plates(void) {
    static uint8_t reference[PLATE_SIZE];
    plate_make("ref", reference);
    CHECK_INT(plate_checksum(reference, PLATE, PLATE), 33426464);
    struct metrics_context *context = metrics_context_create();
    metrics_set_reference(context, reference, PLATE, PLATE, 1);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        check_plate(context, &expected[i]);
    metrics_context_free(context);
}

static void check_identical(void) {
    static uint8_t image[PLATE_SIZE];
    double v[METRIC_COUNT];
    plate_make("ref", image);
    metrics_compare(image, image, PLATE, PLATE, 1, v);
    CHECK(v[METRIC_L1] == 0 && v[METRIC_RMSE] == 0 && isnan(v[METRIC_PSNR]));
    CHECK(v[METRIC_SSIM] == 1 && v[METRIC_SSIM_INK] == 1 && v[METRIC_MS_SSIM] == 1);
    CHECK(v[METRIC_GMSD] == 0);
    CHECK(v[METRIC_DSNR_LO] == 60 && v[METRIC_DSNR_MID] == 60 && v[METRIC_DSNR_HI] == 60);
    CHECK(v[METRIC_GAIN_HI] == 1 && v[METRIC_CORR_HI] == 1);
    CHECK(v[METRIC_FRC_AUC] == 1 && v[METRIC_FRC_CUTOFF] == 0.5 && v[METRIC_LSD] == 0);
    CHECK_NEAR(v[METRIC_CB_PEAK], 2.8718435769, 1e-9);
    CHECK_NEAR(v[METRIC_CBI2], 0.0000072911, 1e-10);
    CHECK(v[METRIC_IOU] == 1 && v[METRIC_CHAMFER] == 0 && v[METRIC_HD95] == 0);
    CHECK(v[METRIC_BF1] == 1 && v[METRIC_STROKE_RATIO] == 1);
    CHECK(v[METRIC_COMPONENTS_DIFF] == 0 && v[METRIC_HOLES_DIFF] == 0);
    CHECK(v[METRIC_VARLAP_RATIO] == 1 && v[METRIC_TENENGRAD_RATIO] == 1);
    CHECK(v[METRIC_GRADIENT_RATIO] == 1);
}

static void expect_glyph(const uint8_t *reference, const uint8_t *test, double iou, double chamfer,
                         double hd95, double bf1, double components, double stroke) {
    double v[METRIC_COUNT];
    metrics_compare(reference, test, GLYPH_PLATE, GLYPH_PLATE, 1, v);
    CHECK_NEAR(v[METRIC_IOU], iou, 1e-10);
    CHECK_NEAR(v[METRIC_CHAMFER], chamfer, 1e-8);
    CHECK_NEAR(v[METRIC_HD95], hd95, 1e-6);
    CHECK_NEAR(v[METRIC_BF1], bf1, 1e-8);
    CHECK_INT(v[METRIC_COMPONENTS_DIFF], components);
    CHECK_INT(v[METRIC_HOLES_DIFF], 0);
    /* Thinning algorithms differ by a few pixels. */
    CHECK_NEAR(v[METRIC_STROKE_RATIO], stroke / 5.463275, 0.02);
}

static void check_glyphs(void) {
    enum { SIZE = GLYPH_PLATE * GLYPH_PLATE };
    static uint8_t reference[SIZE], shifted[SIZE], thin[SIZE], cut[SIZE], blurred[SIZE];
    plate_glyph(0, 5, 0, reference);
    plate_glyph(1, 5, 0, shifted);
    plate_glyph(0, 3, 0, thin);
    plate_glyph(0, 5, 1, cut);
    plate_glyph_blur(reference, blurred);
    CHECK_INT(plate_checksum(reference, GLYPH_PLATE, GLYPH_PLATE), 8102370);
    CHECK_INT(plate_checksum(shifted, GLYPH_PLATE, GLYPH_PLATE), 8112570);
    CHECK_INT(plate_checksum(thin, GLYPH_PLATE, GLYPH_PLATE), 8600640);
    CHECK_INT(plate_checksum(cut, GLYPH_PLATE, GLYPH_PLATE), 8157960);
    CHECK_INT(plate_checksum(blurred, GLYPH_PLATE, GLYPH_PLATE), 8105532);
    expect_glyph(reference, shifted, 0.8146027201, 0.39845584, 1, 1, 0, 5.467073);
    expect_glyph(reference, thin, 0.6188976378, 0.72947749, 2, 0.73517651, 0, 3.595082);
    expect_glyph(reference, cut, 0.9574803150, 0.05261933, 0, 0.98288784, 2, 5.394661);
    expect_glyph(reference, blurred, 0.9539877301, 0.10810934, 1, 0.97805643, 0, 5.706496);
}

/* Where metrics stop applying. */
static void check_edges(void) {
    static uint8_t white[64 * 64], black[64 * 64], rgb[64 * 64 * 3], rgb2[64 * 64 * 3];
    double v[METRIC_COUNT];
    memset(white, 255, sizeof white);
    metrics_compare(white, black, 64, 64, 1, v);
    CHECK(v[METRIC_L1] == 1 && v[METRIC_PSNR] == 0);
    CHECK(isnan(v[METRIC_DSNR_HI]) && isnan(v[METRIC_GAIN_HI]) && isnan(v[METRIC_FRC_AUC]));
    CHECK(v[METRIC_LSD] == 0 && isnan(v[METRIC_CBI2]) && v[METRIC_CB_PEAK] == 0);
    CHECK(v[METRIC_IOU] == 0 && isnan(v[METRIC_CHAMFER]) && v[METRIC_BF1] == 0);
    CHECK(v[METRIC_COMPONENTS_DIFF] == 1 && isnan(v[METRIC_STROKE_RATIO]));
    CHECK(isnan(v[METRIC_VARLAP_RATIO]) && isnan(v[METRIC_MS_SSIM]) && !isnan(v[METRIC_SSIM]));
    metrics_compare(white, white, 64, 64, 1, v);
    CHECK(v[METRIC_IOU] == 1 && v[METRIC_CHAMFER] == 0 && v[METRIC_BF1] == 1);
    CHECK(isnan(v[METRIC_SSIM_INK]));

    metrics_compare(NULL, white, 64, 64, 1, v);
    for (int m = 0; m < METRIC_COUNT; m++)
        if (m != METRIC_CBI2 && m != METRIC_CB_PEAK) CHECK(isnan(v[m]));
    CHECK(v[METRIC_CB_PEAK] == 0);

    for (int n = 1; n <= 12; n++) {
        metrics_compare(white, black, n, 1, 1, v);
        CHECK(v[METRIC_L1] == 1);
        metrics_compare(white, black, n, n, 1, v);
        CHECK(isnan(v[METRIC_SSIM]) == (n < 11));
        CHECK(isnan(v[METRIC_GMSD]) == (n < 4));
        CHECK(isnan(v[METRIC_LSD]) == (n < 8));
        CHECK(isnan(v[METRIC_CB_PEAK]));
    }

    /* A flat colour has no detail, whatever its luma rounds to; a test without detail is 0 dB. */
    for (int i = 0; i < 64 * 64; i++) {
        rgb[3 * i] = 13, rgb[3 * i + 1] = 200, rgb[3 * i + 2] = 77;
        memset(rgb2 + 3 * i, (i * 37 + i / 64 * 11) % 251, 3);
    }
    metrics_compare(rgb, rgb2, 64, 64, 3, v);
    CHECK(isnan(v[METRIC_DSNR_HI]) && isnan(v[METRIC_FRC_AUC]) && isnan(v[METRIC_VARLAP_RATIO]));
    metrics_compare(rgb2, rgb, 64, 64, 3, v);
    CHECK(v[METRIC_DSNR_HI] == 0 && v[METRIC_GAIN_HI] == 0 && isnan(v[METRIC_CORR_HI]));
    CHECK(v[METRIC_FRC_AUC] == 0 && isnan(v[METRIC_CBI2]));

    /* Grey stored as colour gives the numbers of grey, exactly. */
    static uint8_t grey[64 * 64], soft[64 * 64], soft3[64 * 64 * 3];
    for (int i = 0; i < 64 * 64; i++) {
        grey[i] = rgb2[3 * i];
        soft[i] = (uint8_t)((grey[i] + grey[i ? i - 1 : i]) / 2);
        memset(soft3 + 3 * i, soft[i], 3);
    }
    double w[METRIC_COUNT];
    metrics_compare(grey, soft, 64, 64, 1, v);
    metrics_compare(rgb2, soft3, 64, 64, 3, w);
    CHECK(check_same_bits(v, w, sizeof v));
}

/* A context used for other sizes and references gives the bits of a new one. */
static void check_context(void) {
    static uint8_t a[PLATE_SIZE], b[PLATE_SIZE];
    plate_make("ref", a);
    plate_make("noise", b);
    const int sizes[][2] = {{96, 64}, {97, 61}, {256, 256}, {16, 200},
                            {97, 61}, {5, 9},   {256, 256}};
    struct metrics_context *context = metrics_context_create();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double fresh[METRIC_COUNT], used[METRIC_COUNT];
        metrics_compare(a, b, sizes[i][0], sizes[i][1], 1, fresh);
        metrics_set_reference(context, a, sizes[i][0], sizes[i][1], 1);
        metrics_compare_prepared(context, a, used, NULL);
        metrics_compare_prepared(context, b, used, NULL);
        CHECK(check_same_bits(fresh, used, sizeof fresh));
    }
    metrics_set_reference(context, NULL, 256, 256, 1);
    metrics_set_reference(context, a, 256, 256, 1);
    double fresh[METRIC_COUNT], used[METRIC_COUNT];
    metrics_compare_prepared(context, b, used, NULL);
    metrics_compare(a, b, 256, 256, 1, fresh);
    CHECK(check_same_bits(fresh, used, sizeof fresh));
    metrics_context_free(context);
}

static double mean_power(const struct profile *p) {
    double sum = 0;
    for (int j = 0; j < p->points; j++) sum += p->power[j];
    return sum / p->points / PROFILE_POWER_SCALE;
}

/* White noise has the same power at every size: that of its variance. */
static void check_white(struct metrics_context *context, int w, int h, int points) {
    static uint8_t noise[PLATE_SIZE];
    struct rng rng = rng_seed(7);
    struct profile p;
    double v[METRIC_COUNT];
    for (int i = 0; i < w * h; i++) noise[i] = (uint8_t)(rng_below(&rng, 2) * 255);
    metrics_set_reference(context, NULL, w, h, 1);
    metrics_compare_prepared(context, noise, v, &p);
    CHECK_INT(p.points, points);
    CHECK_NEAR(mean_power(&p), 10 * log10(0.25), 0.5); /* a mean of logarithms is a little lower */
    CHECK_INT(p.frc[points - 1], PROFILE_NONE);
}

static void check_profile(void) {
    static uint8_t a[PLATE_SIZE], b[PLATE_SIZE];
    double v[METRIC_COUNT], own[METRIC_COUNT];
    struct profile alone, p;
    struct metrics_context *context = metrics_context_create();
    check_white(context, 256, 256, 64);
    check_white(context, 129, 250, 64);
    check_white(context, 64, 48, 32);
    check_white(context, 63, 63, 31);
    plate_make("ref", a);
    plate_make("soft", b);
    metrics_set_reference(context, NULL, PLATE, PLATE, 1);
    metrics_compare_prepared(context, a, v, &alone);
    metrics_set_reference(context, a, PLATE, PLATE, 1);
    metrics_of_reference(context, own, &p);
    CHECK(check_same_bits(own, v, sizeof own) && check_same_bits(&p, &alone, sizeof p));
    metrics_compare_prepared(context, a, v, &p);
    for (int j = 0; j < p.points; j++)
        CHECK(p.power[j] == alone.power[j] && p.frc[j] == PROFILE_FRC_SCALE);
    metrics_compare_prepared(context, b, v, &p); /* half blurred: less, and in its place */
    CHECK(p.power[60] < alone.power[60] - 300 && p.frc[60] > 9000);
    memset(b, 200, sizeof b);
    metrics_compare_prepared(context, b, v, &p);
    CHECK_INT(p.points, 64);
    CHECK(p.power[3] == PROFILE_NONE && p.frc[3] == 0); /* flat: nothing of what there should be */
    metrics_set_reference(context, a, 7, 30, 1);
    metrics_compare_prepared(context, a, v, &p);
    CHECK_INT(p.points, 0);
    metrics_context_free(context);
}

static void check_table(void) {
    for (int m = 0; m < METRIC_COUNT; m++) {
        const struct metric_info *info = metric_info((enum metric)m);
        CHECK(info->name && info->title && info->unit);
        CHECK_INT(metric_find(info->name), m);
        CHECK(info->better || info->margin == 0);
    }
    CHECK_INT(metric_find("nonsense"), -1);
    CHECK(metric_oriented(METRIC_SSIM, 0.5) == 0.5 && metric_oriented(METRIC_L1, 0.5) == -0.5);
    CHECK(metric_oriented(METRIC_HOLES_DIFF, -2) == -2);
    CHECK(metric_oriented(METRIC_GAIN_HI, 2) == metric_oriented(METRIC_GAIN_HI, 0.5));
    CHECK(isnan(metric_oriented(METRIC_GAIN_HI, 0)) && isnan(metric_oriented(METRIC_L1, NAN)));
}

int main(void) {
    check_table();
    check_plates();
    check_identical();
    check_glyphs();
    check_edges();
    check_context();
    check_profile();
    return check_end();
}
