/* The keys of the config, all but those of blocks (keys_block.c). */
#include "config/keys.h"

static const struct type names = {.kind = KIND_MAP,
                                  .of = &type_any_text,
                                  .max = 1024,
                                  .doc = "The plain name of a tensor to its name in the file."};
const struct type schema_weights_file = {
    .kind = KIND_OBJECT,
    .keys =
        KEYS(KEY("file", type_path, FIELD(config_weights, file), NULL,
                 "A .safetensors or .pth file; a relative path starts at the config's folder."),
             KEY("random", type_seed, FIELD(config_weights, random_seed), NULL,
                 "Instead of a file: the seed of random weights."),
             KEY("naming", type_naming, FIELD(config_weights, naming), "\"auto\"",
                 "How the file names its tensors."),
             KEY("names", names, NO_FIELD, NULL, "Single tensors that the file names otherwise."),
             KEY("key", type_any_text, FIELD(config_weights, key), NULL,
                 "The entry of a training checkpoint that holds the tensors."),
             KEY("sha256", type_sha256, FIELD(config_weights, sha256), NULL,
                 "Digest that the file must have."))};
static const struct type weights_one = {
    .kind = KIND_EITHER, .name = "weights", .any = EITHER(&type_path, &schema_weights_file)};
static const struct type weights_list = {.kind = KIND_ARRAY,
                                         .of = &weights_one,
                                         .min = 1,
                                         .max = 64,
                                         .doc = "Training seeds of one design."};
static const struct type weights = {.kind = KIND_EITHER,
                                    .any = EITHER(&type_path, &weights_list, &schema_weights_file)};

const struct type schema_init_one = {
    .kind = KIND_OBJECT,
    .keys = KEYS(REQUIRED("method", type_init_word, FIELD(config_init, method), "How."),
                 KEY("seed", type_seed, FIELD(config_init, seed), "0", "Of kaiming and icnr."))};
static const struct type init_one = {.kind = KIND_EITHER,
                                     .any = EITHER(&type_init_word, &schema_init_one)};
static const struct type init_map = {
    .kind = KIND_MAP,
    .of = &init_one,
    .max = 1024,
    .doc = "The beginning of tensors' plain names, or \"*\" for all, to a method; the longest "
           "beginning wins."};
static const struct type init = {.kind = KIND_EITHER,
                                 .any = EITHER(&type_init_word, &schema_init_one, &init_map)};

static const struct type margins = {.kind = KIND_MAP,
                                    .of = &type_margin,
                                    .max = 64,
                                    .doc = "A metric's name to its margin of equivalence."};
static const struct type compare = {
    .kind = KIND_OBJECT,
    .keys = KEYS(KEY("primary", type_any_text, FIELD(config, primary), NULL,
                     "The metric that decides; the others describe."),
                 KEY("reference", type_variant_name, FIELD(config, reference), NULL,
                     "The variant that the others are compared with. Default: the first."),
                 KEY("margins", margins, NO_FIELD, NULL, "Differences too small to matter."))};

static const struct type input = {
    .kind = KIND_OBJECT,
    .keys =
        KEYS(KEY("channels", type_channels, FIELD(config_variant, channels_in), "1",
                 "1 for grey images, 3 for RGB."),
             KEY("size", type_image_size, FIELD(config_variant, size), NULL,
                 "Size of the images: a number or [height, width]."),
             KEY("mean", type_mean, FIELD(config_variant, mean), "0.5",
                 "The network reads (pixel / 255 - mean) / std."),
             KEY("std", type_deviation, FIELD(config_variant, std), "0.5", "See mean."),
             KEY("resize", type_resize, FIELD(config_variant, resize), "\"error\"",
                 "What to do with an image of another size: error; bilinear; pad (white, at bottom "
                 "and right, cropped off the output); native: every image at its own size."))};
static const struct type output = {
    .kind = KIND_OBJECT,
    .keys = KEYS(
        KEY("channels", type_channels, FIELD(config_variant, channels_out), NULL,
            "Default: those of the input."),
        KEY("activation", type_act, FIELD(config_variant, output_activation), "\"tanh\"",
            "Of the outermost block's result."),
        KEY("slope", type_slope, FIELD(config_variant, output_slope), "0.2", "Of leaky_relu."))};
static const struct type style = {
    .kind = KIND_OBJECT,
    .keys =
        KEYS(KEY("mode", type_style_mode, FIELD(config_variant, style), "\"none\"",
                 "How a row of the embedding enters the innermost block: concat (at 1x1 only) or "
                 "expand (broadcast): [style, encoded]; film: a scale and a shift."),
             KEY("count", type_positive, FIELD(config_variant, style_count), NULL,
                 "Rows of the embedding."),
             KEY("dim", type_channels, FIELD(config_variant, style_dim), NULL, "Width of a row."),
             KEY("label", type_label, FIELD(config_variant, style_label), "0",
                 "The row to use, from 0."))};

#define INPUT_KEYS                                                                                 \
    KEY("input", input, 0, NULL, "The images that the network reads."),                            \
        KEY("output", output, 0, NULL, "What it gives."),                                          \
        KEY("style", style, 0, NULL, "The embedding of styles."),                                  \
        KEY("trained_size", type_image_size, FIELD(config_variant, trained_size), NULL,            \
            "The size that the weights were trained at.")
#define COMMON_KEYS(blocks_type)                                                                   \
    INPUT_KEYS,                                                                                    \
        KEY("defaults", schema_defaults, NO_FIELD, NULL,                                           \
            "What blocks have unless they say otherwise."),                                        \
        KEY("blocks", blocks_type, NO_FIELD, NULL, NULL),                                          \
        KEY("weights", weights, NO_FIELD, NULL,                                                    \
            "A file, a list of files (training seeds of one design), or an object."),              \
        KEY("init", init, NO_FIELD, NULL,                                                          \
            "How tensors that no file has are made; without it their lack is an error. A method, " \
            "or an object of beginnings of tensors' names to methods.")
#define FAMILY_NAME                                                                                \
    KEY("name", type_any_text, FIELD(config, name), NULL,                                          \
        "Of this family of variants. Default: the file's name.")
#define COMPARE_KEY KEY("compare", compare, 0, NULL, "How variants are compared.")

const struct type schema_inputs = {.kind = KIND_OBJECT, .keys = KEYS(INPUT_KEYS)};
const struct type schema_variant = {
    .kind = KIND_OBJECT,
    .name = "variant",
    .doc = "Merged into the base: objects deeply, arrays replaced; blocks as an object changes "
           "some, as an array replaces all.",
    .keys = KEYS(REQUIRED("name", type_variant_name, FIELD(config_variant, name), "Unique."),
                 COMMON_KEYS(schema_blocks))};
static const struct type variants = {.kind = KIND_ARRAY,
                                     .of = &schema_variant,
                                     .min = 1,
                                     .max = 4096,
                                     .doc = "The variants to compare."};

const struct type schema_family = {.kind = KIND_OBJECT, .keys = KEYS(FAMILY_NAME, COMPARE_KEY)};
const struct type schema_overlay = {
    .kind = KIND_OBJECT, .keys = KEYS(FAMILY_NAME, COMMON_KEYS(schema_blocks), COMPARE_KEY)};
const struct type schema_config = {
    .kind = KIND_OBJECT,
    .keys =
        KEYS(KEY("$schema", type_any_text, NO_FIELD, NULL, "For editors; ignored."), FAMILY_NAME,
             COMMON_KEYS(schema_block_list),
             KEY("variants", variants, NO_FIELD, NULL, "The variants to compare."), COMPARE_KEY)};
