/* The keys of blocks: name, type, field, standard value, words for whoever edits it. */
#include "config/keys.h"

#include <string.h>

/* ---- norm ---- */

static const struct type norm_word = WORDS(schema_norms);
const struct type schema_norm_keys = {
    .kind = KIND_OBJECT,
    .keys = KEYS(
        KEY("type", norm_word, FIELD(norm, type), NULL,
            "none; batch: running statistics of training; batch_stats: batch norm with the "
            "statistics of the image at hand; instance; group; layer (one group)."),
        KEY("affine", type_boolean, FIELD(norm, affine), NULL,
            "Whether it has a learned scale and shift. Default: false for instance, else true."),
        KEY("groups", type_channels, FIELD(norm, groups), NULL,
            "Of a group norm (default 8); lowered to the largest number that divides the "
            "channels."),
        KEY("eps", type_eps, FIELD(norm, eps), NULL, "Added to the variance. Default: 1e-5."))};
const struct type schema_norm = {.kind = KIND_EITHER,
                                 .name = "norm",
                                 .doc = "A normalization: its type, or an object to say more.",
                                 .any = EITHER(&norm_word, &schema_norm_keys)};

/* ---- extra ops ---- */

#define OP_KEY REQUIRED("op", op_word, FIELD(extra, op), "What it does.")
#define AS_KEY                                                                                     \
    KEY("as", type_prefix, FIELD(extra, as), NULL,                                                 \
        "Prefix of its weights: <block>.<as>.<leaf>. Default: the op's name.")
/* clang-format off */
#define OP(text, ...) {.kind = KIND_OBJECT, .doc = text, .keys = KEYS(OP_KEY, __VA_ARGS__)}
/* clang-format on */

static const struct type op_word = WORDS(schema_ops_words);
static const struct type op_conv = OP(
    "A convolution.", AS_KEY,
    KEY("channels", type_channels, FIELD(extra, channels), NULL, "Default: as many as it reads."),
    KEY("kernel", type_kernel, FIELD(extra, kernel), "3", "Kernel size."),
    KEY("stride", type_kernel, FIELD(extra, stride), "1", "Stride."),
    KEY("padding", type_padding, FIELD(extra, padding), NULL,
        "Zeros on every side. Default: (kernel - 1) / 2."),
    KEY("bias", type_boolean, FIELD(extra, bias), "false", "Whether it has a bias."));
static const struct type op_conv_transpose = OP(
    "A transposed convolution.", AS_KEY,
    KEY("channels", type_channels, FIELD(extra, channels), NULL, "Default: as many as it reads."),
    KEY("kernel", type_kernel, FIELD(extra, kernel), "4", "Kernel size."),
    KEY("stride", type_kernel, FIELD(extra, stride), "2", "Stride."),
    KEY("padding", type_padding, FIELD(extra, padding), NULL,
        "Cropped from every side. Default: (kernel - 1) / 2."),
    KEY("output_padding", type_padding, FIELD(extra, output_padding), "0",
        "Added at bottom and right; below the stride."),
    KEY("bias", type_boolean, FIELD(extra, bias), "false", "Whether it has a bias."));
static const struct type op_upsample =
    OP("Enlarges.", KEY("scale", type_scale, FIELD(extra, scale), "2", "By how much."),
       KEY("mode", type_mode, FIELD(extra, mode), "\"nearest\"", "How."));
static const struct type op_norm =
    OP("A normalization.", AS_KEY,
       KEY("norm", schema_norm, FIELD(extra, norm), "\"batch\"", "Which."));
static const struct type op_activation =
    OP("An activation.", REQUIRED("activation", type_act, FIELD(extra, activation), "Which."),
       KEY("slope", type_slope, FIELD(extra, slope), "0.2", "Of leaky_relu."));
static const struct type op_res_block =
    OP("x + layers of (convolution k3 p1, norm, activation).", AS_KEY,
       KEY("layers", type_layers, FIELD(extra, layers), "1", "One or two layers."),
       KEY("bias", type_boolean, FIELD(extra, bias), "false", "Whether the convolutions have one."),
       KEY("norm", schema_norm, FIELD(extra, norm), "\"group\"", "After each convolution."),
       KEY("activation", type_act, FIELD(extra, activation), "\"silu\"", "After each norm."),
       KEY("slope", type_slope, FIELD(extra, slope), "0.2", "Of leaky_relu."));
static const struct type op_self_attention =
    OP("gamma * softmax attention over all positions + x.", AS_KEY,
       KEY("reduction", type_small, FIELD(extra, reduction), "8",
           "Queries and keys have channels / reduction."));
static const struct type op_linear_attention =
    OP("gamma * attention with the kernel elu + 1, linear in the positions, + x.", AS_KEY,
       KEY("reduction", type_small, FIELD(extra, reduction), "8",
           "Queries and keys have channels / reduction."));
static const struct type op_transformer =
    OP("A transformer layer over the positions, norms after the sums.", AS_KEY,
       KEY("heads", type_small, FIELD(extra, heads), "4", "Attention heads."),
       KEY("ffn", type_small, FIELD(extra, ffn), "4", "Width factor of the feed-forward part."));

static const struct type op = {.kind = KIND_TAGGED,
                               .name = "op",
                               .words = schema_ops_words,
                               .doc = "An operation put into a block.",
                               .any = EITHER(&op_conv, &op_conv_transpose, &op_upsample, &op_norm,
                                             &op_activation, &op_res_block, &op_self_attention,
                                             &op_linear_attention, &op_transformer)};
const struct type schema_ops = {.kind = KIND_ARRAY, .of = &op, .max = 16};

static const struct type extra = {
    .kind = KIND_OBJECT,
    .name = "extra",
    .keys = KEYS(KEY("input", schema_ops, FIELD(config_block, input), NULL,
                     "On x, before the skip is kept and before down."),
                 KEY("encoded", schema_ops, FIELD(config_block, encoded), NULL,
                     "After down's norm, before the style."),
                 KEY("upsampled", schema_ops, FIELD(config_block, upsampled), NULL,
                     "After the decoder, before up's norm."),
                 KEY("decoded", schema_ops, FIELD(config_block, decoded), NULL,
                     "After the fit, before the join."))};

/* ---- blocks ---- */

const struct type schema_down = {
    .kind = KIND_OBJECT,
    .name = "down",
    .doc = "The way in: activation, convolution, norm.",
    .keys = KEYS(
        KEY("activation", type_act, FIELD(config_down, activation), "\"leaky_relu\"",
            "Before the convolution."),
        KEY("slope", type_slope, FIELD(config_down, slope), "0.2", "Of leaky_relu."),
        KEY("kernel", type_kernel, FIELD(config_down, kernel), "4", "Kernel size."),
        KEY("stride", type_kernel, FIELD(config_down, stride), "2", "Stride."),
        KEY("padding", type_padding, FIELD(config_down, padding), "1", "Zeros on every side."),
        KEY("bias", type_boolean, FIELD(config_down, bias), "false",
            "Whether the convolution has a bias."),
        KEY("norm", schema_norm, FIELD(config_down, norm), "\"batch\"", "After the convolution."))};

const struct type schema_up = {
    .kind = KIND_OBJECT,
    .name = "up",
    .doc = "The way out: activation, decoder, norm.",
    .keys = KEYS(
        KEY("activation", type_act, FIELD(config_up, activation), "\"relu\"",
            "Before the decoder."),
        KEY("slope", type_slope, FIELD(config_up, slope), "0.2", "Of leaky_relu."),
        KEY("decoder", type_decoder, FIELD(config_up, decoder), "\"conv_transpose\"",
            "conv_transpose; upsample_conv: enlarge, then a convolution; pixel_shuffle: a "
            "convolution to channels * scale^2, then shuffle; conv: no enlarging. Naming another "
            "decoder resets kernel, stride, padding, output_padding, scale and mode to its own "
            "standard."),
        KEY("kernel", type_kernel, FIELD(config_up, kernel), NULL,
            "Kernel size. Default: 4 for conv_transpose, else 3."),
        KEY("stride", type_kernel, FIELD(config_up, stride), NULL,
            "Of conv_transpose only (default 2); the others have stride 1."),
        KEY("padding", type_padding, FIELD(config_up, padding), NULL,
            "Padding of the convolution; cropped from every side by conv_transpose. Default: 1."),
        KEY("output_padding", type_padding, FIELD(config_up, output_padding), NULL,
            "Of conv_transpose only: added at bottom and right, below the stride. Default: 0."),
        KEY("scale", type_scale, FIELD(config_up, scale), NULL,
            "Of upsample_conv and pixel_shuffle (default 2)."),
        KEY("mode", type_mode, FIELD(config_up, mode), NULL,
            "Of upsample_conv: how it enlarges (default nearest)."),
        KEY("bias", type_boolean, FIELD(config_up, bias), "false",
            "Whether the convolution has a bias."),
        KEY("norm", schema_norm, FIELD(config_up, norm), "\"batch\"", "After the decoder."))};

#define BLOCK_KEYS                                                                                 \
    KEY("down", schema_down, FIELD(config_block, down), NULL, "The way in."),                      \
        KEY("up", schema_up, FIELD(config_block, up), NULL, "The way out."),                       \
        KEY("skip", type_skip, FIELD(config_block, skip), "\"concat\"",                            \
            "How x joins the decoded result: concat [x, decoded]; add; attention: x is gated, "    \
            "then concat; none."),                                                                 \
        KEY("skip_source", type_skip_source, FIELD(config_block, skip_source), "\"activated\"",    \
            "Whether x is kept after down's activation (in place, as PyTorch models do) or "       \
            "before."),                                                                            \
        KEY("fit", type_fit, FIELD(config_block, fit), "\"error\"",                                \
            "What happens when the decoded size is not that of x: an error, or a resampling that " \
            "every report counts."),                                                               \
        KEY("extra", extra, 0, NULL, "Operations put into the block.")
#define CHANNELS_DOC "What the down convolution gives."

const struct type schema_defaults = {.kind = KIND_OBJECT,
                                     .name = "defaults",
                                     .doc = "What blocks have unless they say otherwise.",
                                     .keys = KEYS(BLOCK_KEYS)};
const struct type schema_block = {
    .kind = KIND_OBJECT,
    .name = "block_change",
    .keys = KEYS(KEY("channels", type_channels, FIELD(config_block, channels), NULL, CHANNELS_DOC),
                 BLOCK_KEYS)};
static const struct type block = {
    .kind = KIND_OBJECT,
    .name = "block",
    .keys = KEYS(
        REQUIRED("name", type_block_name, FIELD(config_block, name), "Unique; names its weights."),
        REQUIRED("channels", type_channels, FIELD(config_block, channels), CHANNELS_DOC),
        BLOCK_KEYS)};
const struct type schema_block_list = {.kind = KIND_ARRAY,
                                       .of = &block,
                                       .min = 1,
                                       .max = 64,
                                       .doc = "The blocks, the outermost first."};

static bool is_selector(const char *s) {
    size_t n = strlen(s);
    return strcmp(s, "*") == 0 ||
           (n >= 1 && n <= 64 &&
            strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n);
}

static const struct type block_map = {
    .kind = KIND_MAP,
    .of = &schema_block,
    .max = 256,
    .pattern = "^(\\*|[A-Za-z0-9_-]{1,64})$",
    .matches = is_selector,
    .pattern_words = "*, outermost, innermost, a number from 1, or a block's name",
    .doc = "Changes to some blocks. Selectors, the weakest first: *, outermost and innermost, a "
           "number from 1 (the outermost), a name."};
const struct type schema_blocks = {.kind = KIND_EITHER,
                                   .doc = "An object changes some blocks, an array replaces all.",
                                   .any = EITHER(&schema_block_list, &block_map)};
