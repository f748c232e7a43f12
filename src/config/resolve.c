#include "config/resolve.h"

#include "config/store.h"

/* The strongest layer's value of `key` within the object `part`, else that object, else the root:
 * where a problem of that value is shown. */
static const struct json_node *place_of(const struct resolve *r, const char *part,
                                        const char *key) {
    const struct json_node *place = r->layers[0];
    for (int i = 0; i < r->layer_count; i++) {
        const struct json_node *object = json_find(r->layers[i], part);
        const struct json_node *value = object ? json_find(object, key) : NULL;
        if (value) {
            place = value;
        } else if (object && !json_find(place, key)) {
            place = object;
        }
    }
    return place;
}

static void check_style(const struct resolve *r, const struct config_variant *v) {
    if (v->style == STYLE_NONE) return;
    const struct json_node *place = place_of(r, "style", "mode");
    if (v->style_count == 0)
        problem_add(r->problems, place, "a style needs \"count\", the rows of its embedding");
    if (v->style_dim == 0)
        problem_add(r->problems, place, "a style needs \"dim\", the width of its embedding");
    if (v->style_count > 0 && v->style_label >= v->style_count)
        problem_add(r->problems, place_of(r, "style", "label"),
                    "label %d is not allowed; the embedding has rows 0 to %d", v->style_label,
                    v->style_count - 1);
}

void resolve_variant(const struct resolve *r, struct config_variant *out) {
    store_standard(r->arena, &schema_inputs, out);
    for (int i = 0; i < r->layer_count; i++)
        store_object(r->arena, &schema_inputs, r->layers[i], out);
    if (out->channels_out == 0) out->channels_out = out->channels_in;
    const struct json_node *size = place_of(r, "input", "size");
    if (out->size.h == 0 && out->resize != RESIZE_NATIVE && size->type == JSON_OBJECT)
        problem_add(
            r->problems, size,
            "\"input\" needs \"size\", or \"resize\": \"native\" to take images as they are");
    check_style(r, out);
    blocks_resolve(r, out);
    sources_weights(r, out);
    sources_inits(r, out);
}
