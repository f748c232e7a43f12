#include "config/family.h"

#include <stddef.h>

/* ---- where extra ops stand ---- */

/* The sources number levels from the innermost, 1; the four outermost are always 5 to 8. */
static int level(int block, int blocks) {
    return block < 4 ? 8 - block : blocks - block;
}

static bool nowhere(int block, int blocks) {
    (void)block, (void)blocks;
    return false;
}

static bool between(int block, int blocks) {
    return block > 0 && block < blocks - 1;
}

static bool levels_4_to_7(int block, int blocks) {
    return level(block, blocks) >= 4 && level(block, blocks) <= 7;
}

/* The innermost block, and the first that reads and gives 8 ngf. */
static bool innermost_and_first_wide(int block, int blocks) {
    return block == blocks - 1 || block == 4;
}

/* The blocks from 2 to 4 ngf and from 4 to 8 ngf. */
static bool widening(int block, int blocks) {
    (void)blocks;
    return block == 2 || block == 3;
}

/* ---- pieces ---- */

#define DOWN_LEAKY(bias, norm)                                                                     \
    "{ \"activation\": \"leaky_relu\", \"slope\": 0.2, \"kernel\": 4, \"stride\": 2, "             \
    "\"padding\": 1, \"bias\": " bias ", \"norm\": \"" norm "\" }"
#define UP_CONV_TRANSPOSE(act, output_padding, bias, norm)                                         \
    "{ \"activation\": \"" act "\", \"decoder\": \"conv_transpose\", \"kernel\": 4, "              \
    "\"stride\": 2, \"padding\": 1, \"output_padding\": " output_padding ", \"bias\": " bias       \
    ", \"norm\": \"" norm "\" }"
#define PLAIN_OUTERMOST                                                                            \
    "\"down\": { \"activation\": \"none\", \"norm\": \"none\" }, \"up\": { \"norm\": \"none\" }"
#define BIAS_OUTERMOST                                                                             \
    "\"down\": { \"activation\": \"none\", \"norm\": \"none\" }, \"up\": { \"bias\": true, "       \
    "\"norm\": \"none\" }"
#define INNERMOST "\"down\": { \"norm\": \"none\" }"

#define AS_TRAINED "{ \"name\": \"as-trained\" }"
#define STRIDE2    "{ \"name\": \"stride2\" }"
#define STRIDE2_DOWN                                                                               \
    ("{ \"name\": \"stride2-down\", \"blocks\": { \"innermost\": { \"down\": { \"stride\": 2 } } " \
     "} }")
#define STRIDE1_UP                                                                                 \
    "{ \"name\": \"stride1-up\", \"blocks\": { \"innermost\": { \"up\": { \"stride\": 1 }, "       \
    "\"fit\": \"bilinear\" } } }"
#define STRIDE1_DOWN                                                                               \
    "{ \"name\": \"stride1-down\", \"blocks\": { \"innermost\": { \"down\": { \"stride\": 1 }, "   \
    "\"fit\": \"bilinear\" } } }"
#define STRIDE1_BOTH                                                                               \
    "{ \"name\": \"stride1-both\", \"blocks\": { \"innermost\": { \"down\": { \"stride\": 1 }, "   \
    "\"up\": { \"stride\": 1 }, \"fit\": \"bilinear\" } } }"

static const char *const stride_variants[] = {STRIDE2, STRIDE1_UP, STRIDE1_DOWN, STRIDE1_BOTH,
                                              NULL};
/* Users run pix2pix with either kind of statistics. */
static const char *const pix2pix_variants[] = {
    STRIDE2,
    STRIDE1_UP,
    STRIDE1_DOWN,
    STRIDE1_BOTH,
    "{ \"name\": \"batch-stats\", \"defaults\": { \"down\": { \"norm\": \"batch_stats\" }, "
    "\"up\": { \"norm\": \"batch_stats\" } } }",
    NULL};
/* The decoder has no stride. */
static const char *const down_variants[] = {STRIDE2, STRIDE1_DOWN, NULL};
/* Trained with an innermost stride of 1 on the way in, and resampled at every level. */
static const char *const padded_variants[] = {
    AS_TRAINED,
    "{ \"name\": \"no-output-padding\", \"blocks\": { \"*\": { \"up\": { \"output_padding\": 0 } } "
    "} }",
    "{ \"name\": \"stride1-up\", \"blocks\": { \"innermost\": { \"up\": { \"stride\": 1, "
    "\"output_padding\": 0 } } } }",
    STRIDE2_DOWN, NULL};
static const char *const upsample_variants[] = {
    AS_TRAINED,
    "{ \"name\": \"nearest\", \"blocks\": { \"*\": { \"up\": { \"mode\": \"nearest\" } } } }",
    "{ \"name\": \"no-upsampling\", \"blocks\": { \"innermost\": { \"up\": { \"scale\": 1 } } } }",
    STRIDE2_DOWN, NULL};
static const char *const shuffle_variants[] = {AS_TRAINED, STRIDE2_DOWN, NULL};

static const char *const fusion[] = {
    "{ \"op\": \"conv\", \"as\": \"fusion_conv\", \"bias\": true }",
    "{ \"op\": \"activation\", \"activation\": \"relu\" }", NULL};
static const char *const smoothing[] = {
    "{ \"op\": \"conv\", \"as\": \"post_conv.0\" }",
    "{ \"op\": \"norm\", \"as\": \"post_conv.1\", \"norm\": \"group\" }",
    "{ \"op\": \"activation\", \"activation\": \"silu\" }",
    "{ \"op\": \"res_block\", \"as\": \"post_conv.3\", \"layers\": 2 }", NULL};

/* ---- the generators ---- */

/* What the three of April 2025 share. */
#define APRIL                                                                                      \
    .size = 256, .ngf = 64, .blocks = 8, .channels = 1, .style = STYLE_FILM,                       \
    .down = "{ \"activation\": \"silu\", \"kernel\": 4, \"stride\": 2, \"padding\": 1, \"bias\": " \
            "true, \"norm\": \"instance\" }",                                                      \
    .skip = "concat", .fit = "bilinear", .outermost = PLAIN_OUTERMOST,                             \
    .innermost = "\"down\": { \"kernel\": 3, \"stride\": 1, \"norm\": \"none\" }",                 \
    .attention = "{ \"op\": \"linear_attention\", \"as\": \"attn_block\" }",                       \
    .attention_on_input = true, .has_attention = nowhere,                                          \
    .bottleneck = "{ \"op\": \"transformer\", \"as\": \"transformer_block\" }",                    \
    .residual = "{ \"op\": \"res_block\", \"as\": \"res_skip\", \"layers\": 2 }",                  \
    .has_residual = levels_4_to_7

/* What the two with pixel shuffle and added skips share. */
#define ADDED                                                                                      \
    .size = 256, .ngf = 64, .blocks = 8, .channels = 1, .style = STYLE_EXPAND,                     \
    .down = DOWN_LEAKY("false", "batch"),                                                          \
    .up = "{ \"activation\": \"relu\", \"decoder\": \"pixel_shuffle\", \"kernel\": 3, "            \
          "\"padding\": 1, \"scale\": 2, \"bias\": false, \"norm\": \"batch\" }",                  \
    .skip = "add", .fit = "error", .outermost = BIAS_OUTERMOST, .innermost = INNERMOST,            \
    .attention = "{ \"op\": \"self_attention\", \"as\": \"att\" }", .variants = down_variants

#define PIX2PIX                                                                                    \
    .ngf = 64, .channels = 3, .style = STYLE_NONE, .down = DOWN_LEAKY("false", "batch"),           \
    .up = UP_CONV_TRANSPOSE("relu", "0", "false", "batch"), .skip = "concat", .fit = "error",      \
    .outermost = BIAS_OUTERMOST, .innermost = INNERMOST, .variants = pix2pix_variants

const struct family families[] = {
    {.name = "zi2zi-2020",
     .description = "zi2zi-pytorch of 2020: batch norm, style concatenated at 1x1",
     .size = 256,
     .ngf = 64,
     .blocks = 8,
     .channels = 1,
     .style = STYLE_CONCAT,
     .down = DOWN_LEAKY("false", "batch"),
     .up = UP_CONV_TRANSPOSE("relu", "0", "false", "batch"),
     .skip = "concat",
     .fit = "error",
     .outermost = BIAS_OUTERMOST,
     .innermost = INNERMOST,
     .variants = stride_variants},
    {.name = "zi2zi-2025-03",
     .description = "fork of March 2025: instance norm, residual skips, bilinear fit",
     .size = 256,
     .ngf = 64,
     .blocks = 8,
     .channels = 1,
     .style = STYLE_CONCAT,
     .down = DOWN_LEAKY("true", "instance"),
     .up = UP_CONV_TRANSPOSE("relu", "0", "true", "instance"),
     .skip = "concat",
     .fit = "bilinear",
     .outermost = PLAIN_OUTERMOST,
     .innermost = INNERMOST,
     .attention = "{ \"op\": \"self_attention\", \"as\": \"self_attn\" }",
     .has_attention = nowhere,
     .residual = "{ \"op\": \"res_block\", \"as\": \"res_skip\", \"bias\": true }",
     .has_residual = between,
     .variants = stride_variants},
    {.name = "zi2zi-2025-04",
     .description = "fork of April 2025: SiLU, FiLM, transformer, output_padding 1, bilinear fit",
     APRIL,
     .up = UP_CONV_TRANSPOSE("silu", "1", "true", "instance"),
     .variants = padded_variants},
    {.name = "zi2zi-2025-04-upsample",
     .description = "the same with bilinear upsampling, convolution and fusion convolution",
     APRIL,
     .up = "{ \"activation\": \"silu\", \"decoder\": \"upsample_conv\", \"kernel\": 3, "
           "\"padding\": 1, \"scale\": 2, \"mode\": \"bilinear\", \"bias\": true, \"norm\": "
           "\"instance\" }",
     .upsampled = fusion,
     .variants = upsample_variants},
    {.name = "zi2zi-2025-04-pixelshuffle",
     .description = "the same with pixel shuffle, convolution, group norm and a residual block",
     APRIL,
     .up = "{ \"activation\": \"silu\", \"decoder\": \"pixel_shuffle\", \"kernel\": 3, "
           "\"padding\": 1, \"scale\": 2, \"bias\": false, \"norm\": \"instance\" }",
     .upsampled = smoothing,
     .variants = shuffle_variants},
    {.name = "zi2zi-2025-12",
     .description = "fork of December 2025: pixel shuffle, added skips, attention deep inside",
     ADDED,
     .has_attention = innermost_and_first_wide},
    {.name = "zi2zi-2026-03",
     .description = "fork of March 2026: the same with attention further out",
     ADDED,
     .has_attention = widening},
    {.name = "pix2pix-128", .description = "pix2pix, unet_128", .size = 128, .blocks = 7, PIX2PIX},
    {.name = "pix2pix-256", .description = "pix2pix, unet_256", .size = 256, .blocks = 8, PIX2PIX},
};
const int family_count = sizeof families / sizeof *families;
