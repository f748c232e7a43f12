/* The keys of the config: name, type, field, standard value, words for whoever edits it. */
#include "config/schema.h"

#include <string.h>

const char *const schema_acts[] = {"none", "relu", "leaky_relu", "silu", "elu",
                                   "gelu", "tanh", "sigmoid",    NULL};
const char *const schema_norms[] = {"none",  "batch", "batch_stats", "instance",
                                    "group", "layer", NULL};
const char *const schema_decoders[] = {"conv_transpose", "upsample_conv", "pixel_shuffle", "conv",
                                       NULL};
const char *const schema_modes[] = {"nearest", "bilinear", "bicubic", NULL};
const char *const schema_skips[] = {"concat", "add", "attention", "none", NULL};
const char *const schema_skip_sources[] = {"activated", "input", NULL};
const char *const schema_fits[] = {"error", "nearest", "bilinear", "bicubic", "crop", "pad", NULL};
const char *const schema_styles[] = {"none", "concat", "expand", "film", NULL};
const char *const schema_resizes[] = {"error", "bilinear", "pad", "native", NULL};
const char *const schema_namings[] = {"auto", "zi2zi", "pix2pix", "plain", NULL};
/* INIT_NONE has no word: it is the absence of "init". */
const char *const schema_inits[] = {"none", "zero",     "identity", "kaiming",
                                    "icnr", "bilinear", NULL};
const char *const schema_ops_words[] = {
    "conv",      "conv_transpose", "upsample",         "norm",        "activation",
    "res_block", "self_attention", "linear_attention", "transformer", NULL};

const char *const schema_decoder_standard[] = {
    [DECODER_CONV_TRANSPOSE] = "{\"kernel\":4,\"stride\":2,\"padding\":1,\"output_padding\":0,"
                               "\"scale\":1,\"mode\":\"nearest\"}",
    [DECODER_UPSAMPLE_CONV] = "{\"kernel\":3,\"stride\":1,\"padding\":1,\"output_padding\":0,"
                              "\"scale\":2,\"mode\":\"nearest\"}",
    [DECODER_PIXEL_SHUFFLE] = "{\"kernel\":3,\"stride\":1,\"padding\":1,\"output_padding\":0,"
                              "\"scale\":2,\"mode\":\"nearest\"}",
    [DECODER_CONV] = "{\"kernel\":3,\"stride\":1,\"padding\":1,\"output_padding\":0,"
                     "\"scale\":1,\"mode\":\"nearest\"}",
};

bool schema_decoder_has(enum decoder decoder, const char *key) {
    if (strcmp(key, "stride") == 0 || strcmp(key, "output_padding") == 0)
        return decoder == DECODER_CONV_TRANSPOSE;
    if (strcmp(key, "scale") == 0)
        return decoder == DECODER_UPSAMPLE_CONV || decoder == DECODER_PIXEL_SHUFFLE;
    if (strcmp(key, "mode") == 0) return decoder == DECODER_UPSAMPLE_CONV;
    return true;
}

/* ---- names ---- */

#define LOWER   "abcdefghijklmnopqrstuvwxyz"
#define UPPER   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"
#define LETTERS LOWER UPPER

static bool made_of(const char *s, const char *characters) {
    size_t n = strlen(s);
    return n >= 1 && n <= 64 && strspn(s, characters) == n;
}

static bool is_variant_name(const char *s) {
    return s[0] != '.' && made_of(s, LETTERS DIGITS "._-");
}

static bool is_block_name(const char *s) {
    return made_of(s, LETTERS DIGITS "_-") && !made_of(s, DIGITS) && strcmp(s, "style") != 0;
}

static bool is_selector(const char *s) {
    return strcmp(s, "*") == 0 || made_of(s, LETTERS DIGITS "_-");
}

static bool is_prefix(const char *s) {
    static const char *const taken[] = {"down", "up", "skip", NULL};
    return made_of(s, LETTERS DIGITS "_-") && schema_word(taken, s) < 0;
}

static bool is_sha256(const char *s) {
    return strlen(s) == 64 && strspn(s, DIGITS "abcdef") == 64;
}

/* ---- scalars ---- */

#define WORDS(list, text)                                                                          \
    { .kind = KIND_WORD, .words = list, .doc = text }
#define SIZES(low, high)                                                                           \
    { .kind = KIND_EXTENT, .min = low, .max = high }
#define COUNT(low, high)                                                                           \
    { .kind = KIND_INTEGER, .min = low, .max = high }
#define REAL(low, high)                                                                            \
    { .kind = KIND_NUMBER, .min = low, .max = high }
#define EITHER(...)                                                                                \
    (const struct type *const[]) {                                                                 \
        __VA_ARGS__, NULL                                                                          \
    }

static const struct type boolean = {.kind = KIND_BOOL};
static const struct type seed = {.kind = KIND_SEED};
static const struct type any_text = {.kind = KIND_STRING, .max = 4096};
static const struct type path = {.kind = KIND_STRING, .max = 4096};
static const struct type act = WORDS(schema_acts, NULL);
static const struct type decoder = WORDS(schema_decoders, NULL);
static const struct type mode = WORDS(schema_modes, NULL);
static const struct type skip = WORDS(schema_skips, NULL);
static const struct type skip_source = WORDS(schema_skip_sources, NULL);
static const struct type fit = WORDS(schema_fits, NULL);
static const struct type style_mode = WORDS(schema_styles, NULL);
static const struct type resize = WORDS(schema_resizes, NULL);
static const struct type naming = WORDS(schema_namings, NULL);
static const struct type init_word = WORDS(schema_inits, NULL);
static const struct type channels = COUNT(1, 65536);
static const struct type label = COUNT(0, 1000000);
static const struct type positive = COUNT(1, 1000000);
static const struct type small = COUNT(1, 64);
static const struct type layers = COUNT(1, 2);
static const struct type image_size = SIZES(1, 16384);
static const struct type kernel = SIZES(1, 64);
static const struct type padding = SIZES(0, 64);
static const struct type scale = SIZES(1, 16);
static const struct type slope = REAL(-1, 1);
static const struct type eps = REAL(1e-12, 1);
static const struct type mean = REAL(-1000, 1000);
static const struct type deviation = REAL(1e-6, 1000);
static const struct type margin = REAL(0, 1e9);
static const struct type sha256 = {.kind = KIND_STRING,
                                   .max = 64,
                                   .pattern = "^[0-9a-f]{64}$",
                                   .matches = is_sha256,
                                   .pattern_words = "64 lower-case hexadecimal digits"};
static const struct type variant_name = {
    .kind = KIND_STRING,
    .max = 64,
    .pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
    .matches = is_variant_name,
    .pattern_words = "1 to 64 of letters, digits, '.', '_' and '-', no '.' in front"};
static const struct type block_name = {
    .kind = KIND_STRING,
    .max = 64,
    .pattern = "^(?!style$)(?![0-9]+$)[A-Za-z0-9_-]{1,64}$",
    .matches = is_block_name,
    .pattern_words = "1 to 64 of letters, digits, '_' and '-', no number and not \"style\""};
static const struct type prefix = {
    .kind = KIND_STRING,
    .max = 64,
    .pattern = "^(?!(down|up|skip)$)[A-Za-z0-9_-]{1,64}$",
    .matches = is_prefix,
    .pattern_words = "1 to 64 of letters, digits, '_' and '-', none of down, up, skip"};

/* ---- norm ---- */

#define FIELD(s, f) offsetof(struct s, f)
#define COMMENT                                                                                    \
    { "$comment", &any_value, NO_FIELD, NULL, false, "Ignored." }
static const struct type any_value = {.kind = KIND_EITHER};

static const struct type norm_word = WORDS(schema_norms, NULL);
const struct type schema_norm_keys = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"type", &norm_word, FIELD(norm, type), NULL, false,
         "none; batch: running statistics of training; batch_stats: batch norm with the statistics "
         "of the image at hand; instance; group; layer (one group)."},
        {"affine", &boolean, FIELD(norm, affine), NULL, false,
         "Whether it has a learned scale and shift. Default: false for instance, else true."},
        {"groups", &channels, FIELD(norm, groups), NULL, false,
         "Of a group norm (default 8); lowered to the largest number that divides the channels."},
        {"eps", &eps, FIELD(norm, eps), NULL, false, "Added to the variance. Default: 1e-5."},
        COMMENT,
        {0}}};
const struct type schema_norm = {.kind = KIND_EITHER,
                                 .name = "norm",
                                 .doc = "A normalization: its type, or an object to say more.",
                                 .any = EITHER(&norm_word, &schema_norm_keys)};

/* ---- extra ops ---- */

#define OP_KEY                                                                                     \
    { "op", &op_word, FIELD(extra, op), NULL, true, "What it does." }
#define AS_KEY                                                                                     \
    {                                                                                              \
        "as", &prefix, FIELD(extra, as), NULL, false,                                              \
            "Prefix of its weights: <block>.<as>.<leaf>. Default: the op's name."                  \
    }
#define OP(text, ...)                                                                              \
    {                                                                                              \
        .kind = KIND_OBJECT, .doc = text, .keys = (const struct key[]) {                           \
            OP_KEY, __VA_ARGS__, COMMENT, {                                                        \
                0                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

static const struct type op_word = WORDS(schema_ops_words, NULL);
static const struct type op_conv = OP(
    "A convolution.", AS_KEY,
    {"channels", &channels, FIELD(extra, channels), NULL, false, "Default: as many as it reads."},
    {"kernel", &kernel, FIELD(extra, kernel), "3", false, "Kernel size."},
    {"stride", &kernel, FIELD(extra, stride), "1", false, "Stride."},
    {"padding", &padding, FIELD(extra, padding), NULL, false,
     "Zeros on every side. Default: (kernel - 1) / 2."},
    {"bias", &boolean, FIELD(extra, bias), "false", false, "Whether it has a bias."});
static const struct type op_conv_transpose = OP(
    "A transposed convolution.", AS_KEY,
    {"channels", &channels, FIELD(extra, channels), NULL, false, "Default: as many as it reads."},
    {"kernel", &kernel, FIELD(extra, kernel), "4", false, "Kernel size."},
    {"stride", &kernel, FIELD(extra, stride), "2", false, "Stride."},
    {"padding", &padding, FIELD(extra, padding), NULL, false,
     "Cropped from every side. Default: (kernel - 1) / 2."},
    {"output_padding", &padding, FIELD(extra, output_padding), "0", false,
     "Added at bottom and right; below the stride."},
    {"bias", &boolean, FIELD(extra, bias), "false", false, "Whether it has a bias."});
static const struct type op_upsample =
    OP("Enlarges.", {"scale", &scale, FIELD(extra, scale), "2", false, "By how much."},
       {"mode", &mode, FIELD(extra, mode), "\"nearest\"", false, "How."});
static const struct type op_norm =
    OP("A normalization.", AS_KEY,
       {"norm", &schema_norm, FIELD(extra, norm), "\"batch\"", false, "Which."});
static const struct type op_activation =
    OP("An activation.", {"activation", &act, FIELD(extra, activation), NULL, true, "Which."},
       {"slope", &slope, FIELD(extra, slope), "0.2", false, "Of leaky_relu."});
static const struct type op_res_block =
    OP("x + layers of (convolution k3 p1, norm, activation).", AS_KEY,
       {"layers", &layers, FIELD(extra, layers), "1", false, "One or two layers."},
       {"bias", &boolean, FIELD(extra, bias), "false", false, "Whether the convolutions have one."},
       {"norm", &schema_norm, FIELD(extra, norm), "\"group\"", false, "After each convolution."},
       {"activation", &act, FIELD(extra, activation), "\"silu\"", false, "After each norm."},
       {"slope", &slope, FIELD(extra, slope), "0.2", false, "Of leaky_relu."});
static const struct type op_self_attention =
    OP("gamma * softmax attention over all positions + x.", AS_KEY,
       {"reduction", &small, FIELD(extra, reduction), "8", false,
        "Queries and keys have channels / reduction."});
static const struct type op_linear_attention =
    OP("gamma * attention with the kernel elu + 1, linear in the positions, + x.", AS_KEY,
       {"reduction", &small, FIELD(extra, reduction), "8", false,
        "Queries and keys have channels / reduction."});
static const struct type op_transformer =
    OP("A transformer layer over the positions, norms after the sums.", AS_KEY,
       {"heads", &small, FIELD(extra, heads), "4", false, "Attention heads."},
       {"ffn", &small, FIELD(extra, ffn), "4", false, "Width factor of the feed-forward part."});

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
    .keys = (const struct key[]){{"input", &schema_ops, FIELD(config_block, input), NULL, false,
                                  "On x, before the skip is kept and before down."},
                                 {"encoded", &schema_ops, FIELD(config_block, encoded), NULL, false,
                                  "After down's norm, before the style."},
                                 {"upsampled", &schema_ops, FIELD(config_block, upsampled), NULL,
                                  false, "After the decoder, before up's norm."},
                                 {"decoded", &schema_ops, FIELD(config_block, decoded), NULL, false,
                                  "After the fit, before the join."},
                                 COMMENT,
                                 {0}}};

/* ---- blocks ---- */

const struct type schema_down = {
    .kind = KIND_OBJECT,
    .name = "down",
    .doc = "The way in: activation, convolution, norm.",
    .keys = (const struct key[]){
        {"activation", &act, FIELD(config_down, activation), "\"leaky_relu\"", false,
         "Before the convolution."},
        {"slope", &slope, FIELD(config_down, slope), "0.2", false, "Of leaky_relu."},
        {"kernel", &kernel, FIELD(config_down, kernel), "4", false, "Kernel size."},
        {"stride", &kernel, FIELD(config_down, stride), "2", false, "Stride."},
        {"padding", &padding, FIELD(config_down, padding), "1", false, "Zeros on every side."},
        {"bias", &boolean, FIELD(config_down, bias), "false", false,
         "Whether the convolution has a bias."},
        {"norm", &schema_norm, FIELD(config_down, norm), "\"batch\"", false,
         "After the convolution."},
        COMMENT,
        {0}}};

const struct type schema_up = {
    .kind = KIND_OBJECT,
    .name = "up",
    .doc = "The way out: activation, decoder, norm.",
    .keys = (const struct key[]){
        {"activation", &act, FIELD(config_up, activation), "\"relu\"", false,
         "Before the decoder."},
        {"slope", &slope, FIELD(config_up, slope), "0.2", false, "Of leaky_relu."},
        {"decoder", &decoder, FIELD(config_up, decoder), "\"conv_transpose\"", false,
         "conv_transpose; upsample_conv: enlarge, then a convolution; pixel_shuffle: a convolution "
         "to channels * scale^2, then shuffle; conv: no enlarging. Naming another decoder resets "
         "kernel, stride, padding, output_padding, scale and mode to its own standard."},
        {"kernel", &kernel, FIELD(config_up, kernel), NULL, false,
         "Kernel size. Default: 4 for conv_transpose, else 3."},
        {"stride", &kernel, FIELD(config_up, stride), NULL, false,
         "Of conv_transpose only (default 2); the others have stride 1."},
        {"padding", &padding, FIELD(config_up, padding), NULL, false,
         "Padding of the convolution; cropped from every side by conv_transpose. Default: 1."},
        {"output_padding", &padding, FIELD(config_up, output_padding), NULL, false,
         "Of conv_transpose only: added at bottom and right, below the stride. Default: 0."},
        {"scale", &scale, FIELD(config_up, scale), NULL, false,
         "Of upsample_conv and pixel_shuffle (default 2)."},
        {"mode", &mode, FIELD(config_up, mode), NULL, false,
         "Of upsample_conv: how it enlarges (default nearest)."},
        {"bias", &boolean, FIELD(config_up, bias), "false", false,
         "Whether the convolution has a bias."},
        {"norm", &schema_norm, FIELD(config_up, norm), "\"batch\"", false, "After the decoder."},
        COMMENT,
        {0}}};

#define BLOCK_KEYS                                                                                 \
    {"down", &schema_down, FIELD(config_block, down), NULL, false, "The way in."},                 \
        {"up", &schema_up, FIELD(config_block, up), NULL, false, "The way out."},                  \
        {"skip",                                                                                   \
         &skip,                                                                                    \
         FIELD(config_block, skip),                                                                \
         "\"concat\"",                                                                             \
         false,                                                                                    \
         "How x joins the decoded result: concat [x, decoded]; add; attention: x is gated, then "  \
         "concat; none."},                                                                         \
        {"skip_source",                                                                            \
         &skip_source,                                                                             \
         FIELD(config_block, skip_source),                                                         \
         "\"activated\"",                                                                          \
         false,                                                                                    \
         "Whether x is kept after down's activation (in place, as PyTorch models do) or before."}, \
        {"fit",                                                                                    \
         &fit,                                                                                     \
         FIELD(config_block, fit),                                                                 \
         "\"error\"",                                                                              \
         false,                                                                                    \
         "What happens when the decoded size is not that of x: an error, or a resampling that "    \
         "every report counts."},                                                                  \
        {"extra", &extra, 0, NULL, false, "Operations put into the block."}, COMMENT, {            \
        0                                                                                          \
    }
#define CHANNELS_KEY(need)                                                                         \
    {                                                                                              \
        "channels", &channels, FIELD(config_block, channels), NULL, need,                          \
            "What the down convolution gives."                                                     \
    }

static const struct type defaults = {.kind = KIND_OBJECT,
                                     .name = "defaults",
                                     .doc = "What blocks have unless they say otherwise.",
                                     .keys = (const struct key[]){BLOCK_KEYS}};
const struct type schema_block = {.kind = KIND_OBJECT,
                                  .name = "block_change",
                                  .keys = (const struct key[]){CHANNELS_KEY(false), BLOCK_KEYS}};
static const struct type block = {
    .kind = KIND_OBJECT,
    .name = "block",
    .keys = (const struct key[]){
        {"name", &block_name, FIELD(config_block, name), NULL, true, "Unique; names its weights."},
        CHANNELS_KEY(true),
        BLOCK_KEYS}};
static const struct type block_list = {.kind = KIND_ARRAY,
                                       .of = &block,
                                       .min = 1,
                                       .max = 64,
                                       .doc = "The blocks, the outermost first."};
static const struct type block_map = {
    .kind = KIND_MAP,
    .of = &schema_block,
    .max = 256,
    .pattern = "^(\\*|[A-Za-z0-9_-]{1,64})$",
    .matches = is_selector,
    .pattern_words = "*, outermost, innermost, a number from 1, or a block's name",
    .doc = "Changes to some blocks. Selectors, the weakest first: *, outermost and innermost, a "
           "number from 1 (the outermost), a name."};
static const struct type blocks = {.kind = KIND_EITHER,
                                   .doc = "An object changes some blocks, an array replaces all.",
                                   .any = EITHER(&block_list, &block_map)};

/* ---- the rest ---- */

static const struct type names = {.kind = KIND_MAP,
                                  .of = &any_text,
                                  .max = 100000,
                                  .doc = "The plain name of a tensor to its name in the file."};
const struct type schema_weights_file = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"file", &path, FIELD(config_weights, file), NULL, false,
         "A .safetensors or .pth file; a relative path starts at the config's folder."},
        {"random", &seed, FIELD(config_weights, random_seed), NULL, false,
         "Instead of a file: the seed of random weights."},
        {"naming", &naming, FIELD(config_weights, naming), "\"auto\"", false,
         "How the file names its tensors."},
        {"names", &names, NO_FIELD, NULL, false, "Single tensors that the file names otherwise."},
        {"key", &any_text, FIELD(config_weights, key), NULL, false,
         "The entry of a training checkpoint that holds the tensors."},
        {"sha256", &sha256, FIELD(config_weights, sha256), NULL, false,
         "Digest that the file must have."},
        COMMENT,
        {0}}};
static const struct type weights_one = {
    .kind = KIND_EITHER, .name = "weights", .any = EITHER(&path, &schema_weights_file)};
static const struct type weights_list = {.kind = KIND_ARRAY,
                                         .of = &weights_one,
                                         .min = 1,
                                         .max = 64,
                                         .doc = "Training seeds of one design."};
static const struct type weights = {.kind = KIND_EITHER,
                                    .any = EITHER(&path, &weights_list, &schema_weights_file)};

const struct type schema_init_one = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"method", &init_word, FIELD(config_init, method), NULL, true, "How."},
        {"seed", &seed, FIELD(config_init, seed), "0", false, "Of kaiming and icnr."},
        COMMENT,
        {0}}};
static const struct type init_one = {.kind = KIND_EITHER,
                                     .any = EITHER(&init_word, &schema_init_one)};
static const struct type init_map = {
    .kind = KIND_MAP,
    .of = &init_one,
    .max = 1024,
    .doc = "The beginning of tensors' plain names, or \"*\" for all, to a method; the longest "
           "beginning wins."};
static const struct type init = {.kind = KIND_EITHER,
                                 .any = EITHER(&init_word, &schema_init_one, &init_map)};

static const struct type margins = {.kind = KIND_MAP,
                                    .of = &margin,
                                    .max = 64,
                                    .doc = "A metric's name to its margin of equivalence."};
static const struct type compare = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"primary", &any_text, FIELD(config, primary), NULL, false,
         "The metric that decides; the others describe."},
        {"reference", &variant_name, FIELD(config, reference), NULL, false,
         "The variant that the others are compared with. Default: the first."},
        {"margins", &margins, NO_FIELD, NULL, false, "Differences too small to matter."},
        COMMENT,
        {0}}};

static const struct type input = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"channels", &channels, FIELD(config_variant, channels_in), "1", false,
         "1 for grey images, 3 for RGB."},
        {"size", &image_size, FIELD(config_variant, size), NULL, false,
         "Size of the images: a number or [height, width]."},
        {"mean", &mean, FIELD(config_variant, mean), "0.5", false,
         "The network reads (pixel / 255 - mean) / std."},
        {"std", &deviation, FIELD(config_variant, std), "0.5", false, "See mean."},
        {"resize", &resize, FIELD(config_variant, resize), "\"error\"", false,
         "What to do with an image of another size: error; bilinear; pad (white, at bottom and "
         "right, cropped off the output); native: every image at its own size."},
        COMMENT,
        {0}}};
static const struct type output = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"channels", &channels, FIELD(config_variant, channels_out), NULL, false,
         "Default: those of the input."},
        {"activation", &act, FIELD(config_variant, output_activation), "\"tanh\"", false,
         "Of the outermost block's result."},
        {"slope", &slope, FIELD(config_variant, output_slope), "0.2", false, "Of leaky_relu."},
        COMMENT,
        {0}}};
static const struct type style = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"mode", &style_mode, FIELD(config_variant, style), "\"none\"", false,
         "How a row of the embedding enters the innermost block: concat (at 1x1 only) or expand "
         "(broadcast): [style, encoded]; film: a scale and a shift."},
        {"count", &positive, FIELD(config_variant, style_count), NULL, false,
         "Rows of the embedding."},
        {"dim", &channels, FIELD(config_variant, style_dim), NULL, false, "Width of a row."},
        {"label", &label, FIELD(config_variant, style_label), "0", false,
         "The row to use, from 0."},
        COMMENT,
        {0}}};

#define INPUT_KEYS                                                                                 \
    {"input", &input, 0, NULL, false, "The images that the network reads."},                       \
        {"output", &output, 0, NULL, false, "What it gives."},                                     \
        {"style", &style, 0, NULL, false, "The embedding of styles."}, {                           \
        "trained_size", &image_size, FIELD(config_variant, trained_size), NULL, false,             \
            "The size that the weights were trained at."                                           \
    }
#define COMMON_KEYS(blocks_type)                                                                   \
    INPUT_KEYS, {"defaults", &defaults, NO_FIELD,                                                  \
                 NULL,       false,     "What blocks have unless they say otherwise."},            \
        {"blocks", &(blocks_type), NO_FIELD, NULL, false, NULL},                                   \
        {"weights", &weights,                                                                      \
         NO_FIELD,  NULL,                                                                          \
         false,     "A file, a list of files (training seeds of one design), or an object."},      \
        {"init",                                                                                   \
         &init,                                                                                    \
         NO_FIELD,                                                                                 \
         NULL,                                                                                     \
         false,                                                                                    \
         "How tensors that no file has are made; without it their lack is an error. A method, or " \
         "an object of beginnings of tensors' names to methods."},                                 \
        COMMENT
#define COMPARE_KEY                                                                                \
    { "compare", &compare, NO_FIELD, NULL, false, "How variants are compared." }

const struct type schema_inputs = {.kind = KIND_OBJECT,
                                   .keys = (const struct key[]){INPUT_KEYS, {0}}};
const struct type schema_variant = {
    .kind = KIND_OBJECT,
    .name = "variant",
    .doc = "Merged into the base: objects deeply, arrays replaced; blocks as an object changes "
           "some, as an array replaces all.",
    .keys = (const struct key[]){
        {"name", &variant_name, FIELD(config_variant, name), NULL, true, "Unique."},
        COMMON_KEYS(blocks),
        {0}}};
static const struct type variants = {.kind = KIND_ARRAY,
                                     .of = &schema_variant,
                                     .min = 1,
                                     .max = 4096,
                                     .doc = "The variants to compare."};
#define FAMILY_NAME                                                                                \
    {                                                                                              \
        "name", &any_text, FIELD(config, name), NULL, false,                                       \
            "Of this family of variants. Default: the file's name."                                \
    }

const struct type schema_family = {.kind = KIND_OBJECT,
                                   .keys = (const struct key[]){FAMILY_NAME, COMPARE_KEY, {0}}};
const struct type schema_overlay = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){FAMILY_NAME, COMMON_KEYS(blocks), COMPARE_KEY, {0}}};
const struct type schema_config = {
    .kind = KIND_OBJECT,
    .keys = (const struct key[]){
        {"$schema", &any_text, NO_FIELD, NULL, false, "For editors; ignored."},
        FAMILY_NAME,
        COMMON_KEYS(block_list),
        {"variants", &variants, NO_FIELD, NULL, false, "The variants to compare."},
        COMPARE_KEY,
        {0}}};
