/* Words, names and numbers that values of the config are made of. */
#include "config/keys.h"

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

/* Words with dots between; the first is none of those that name a block's own weights. */
static bool is_prefix(const char *s) {
    static const char *const taken[] = {"down", "up", "gate"};
    if (!made_of(s, LETTERS DIGITS "._-") || strstr(s, "..") || s[0] == '.' ||
        s[strlen(s) - 1] == '.')
        return false;
    size_t first = strcspn(s, ".");
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strlen(taken[i]) == first && strncmp(s, taken[i], first) == 0) return false;
    }
    return true;
}

static bool is_sha256(const char *s) {
    return strlen(s) == 64 && strspn(s, DIGITS "abcdef") == 64;
}

/* ---- scalars ---- */

const struct type type_boolean = {.kind = KIND_BOOL};
const struct type type_seed = {.kind = KIND_SEED};
const struct type type_any_text = {.kind = KIND_STRING, .max = 4096};
const struct type type_path = {.kind = KIND_STRING, .max = 4096};
const struct type type_act = WORDS(schema_acts);
const struct type type_decoder = WORDS(schema_decoders);
const struct type type_mode = WORDS(schema_modes);
const struct type type_skip = WORDS(schema_skips);
const struct type type_skip_source = WORDS(schema_skip_sources);
const struct type type_fit = WORDS(schema_fits);
const struct type type_style_mode = WORDS(schema_styles);
const struct type type_resize = WORDS(schema_resizes);
const struct type type_naming = WORDS(schema_namings);
const struct type type_init_word = WORDS(schema_inits);
const struct type type_channels = COUNT(1, 65536);
const struct type type_label = COUNT(0, 1000000);
const struct type type_positive = COUNT(1, 1000000);
const struct type type_small = COUNT(1, 64);
const struct type type_layers = COUNT(1, 2);
const struct type type_image_size = SIZES(1, 16384);
const struct type type_kernel = SIZES(1, 64);
const struct type type_padding = SIZES(0, 64);
const struct type type_scale = SIZES(1, 16);
const struct type type_slope = REAL(-1, 1);
const struct type type_eps = REAL(1e-12, 1);
const struct type type_mean = REAL(-1000, 1000);
const struct type type_deviation = REAL(1e-6, 1000);
const struct type type_margin = REAL(0, 1e9);
const struct type type_sha256 = {.kind = KIND_STRING,
                                 .max = 64,
                                 .pattern = "^[0-9a-f]{64}$",
                                 .matches = is_sha256,
                                 .pattern_words = "64 lower-case hexadecimal digits"};
const struct type type_variant_name = {
    .kind = KIND_STRING,
    .max = 64,
    .pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
    .matches = is_variant_name,
    .pattern_words = "1 to 64 of letters, digits, '.', '_' and '-', no '.' in front"};
const struct type type_block_name = {
    .kind = KIND_STRING,
    .max = 64,
    .pattern = "^(?!style$)(?![0-9]+$)[A-Za-z0-9_-]{1,64}$",
    .matches = is_block_name,
    .pattern_words = "1 to 64 of letters, digits, '_' and '-', no number and not \"style\""};
const struct type type_prefix = {
    .kind = KIND_STRING,
    .max = 64,
    .pattern = "^(?!(down|up|gate)(\\.|$))[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$",
    .matches = is_prefix,
    .pattern_words = "1 to 64 of letters, digits, '_' and '-', with dots between, the first word "
                     "none of down, up, gate"};

const struct type type_any_value = {.kind = KIND_EITHER};
