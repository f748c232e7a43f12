#include "report/weights_list.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/json_out.h"

static const char *format_name(enum checkpoint_format format) {
    switch (format) {
    case CHECKPOINT_SAFETENSORS:
        return "safetensors";
    case CHECKPOINT_TORCH_ZIP:
        return "PyTorch zip";
    case CHECKPOINT_TORCH_LEGACY:
        return "PyTorch legacy";
    }
    return "";
}

static void shape_text(const struct tensor *tensor, char *out, size_t size) {
    size_t used = (size_t)snprintf(out, size, "[");
    for (int d = 0; d < tensor->rank && used < size; d++)
        used += (size_t)snprintf(out + used, size - used, "%s%lld", d ? ", " : "",
                                 (long long)tensor->dims[d]);
    if (used < size) snprintf(out + used, size - used, "]");
}

static size_t element_count(const struct checkpoint *checkpoint) {
    size_t count = 0;
    for (int t = 0; t < checkpoint->tensor_count; t++) count += checkpoint->tensors[t].count;
    return count;
}

static void table_tensor(const struct tensor *tensor, const struct tensor_stats *stats,
                         int name_width, bool verbose, struct text *out) {
    char shape[160];
    shape_text(tensor, shape, sizeof shape);
    text_pad(out, tensor->name, name_width);
    text_add(out, "  %-4s  %-20s", dtype_name(tensor->dtype), shape);
    if (tensor->data)
        text_add(out, " %10.3g %10.3g %10.3g %10.3g", stats->min, stats->max, stats->mean,
                 stats->rms);
    if (stats->nonfinite) text_add(out, "  %zu NaN or infinite", stats->nonfinite);
    if (verbose && *stats->sha256) text_add(out, "  %s", stats->sha256);
    text_put(out, "\n");
}

static void table_phases(const struct weights_binding *binding, struct text *out) {
    int width = 0;
    for (int p = 0; p < binding->phases_count; p++) {
        int length = text_width(binding->phases[p].weight);
        width = length > width ? length : width;
    }
    if (binding->phases_count > 0)
        text_put(out, "imbalance of the phases that upsampling makes, 0 for no checkerboard:\n");
    for (int p = 0; p < binding->phases_count; p++) {
        const struct phases *phases = &binding->phases[p];
        text_put(out, "  ");
        text_pad(out, phases->weight, width);
        text_add(out, "  %dx%d  %.4f, random weights %.4f\n", phases->stride.h, phases->stride.w,
                 phases->imbalance, 1 - 1.0 / (phases->stride.h * phases->stride.w));
    }
}

static void table_binding(const struct weights_binding *binding, struct text *out) {
    text_add(out, "\n%s: ", binding->variant);
    if (!binding->binding) {
        text_put(out, "does not bind\n");
        text_put(out, binding->problem);
        text_put(out, "\n");
        return;
    }
    const struct binding *b = binding->binding;
    text_add(out, "%d tensors bind, %s weights", b->count, bind_origin_name(b->origin));
    if (b->initialised) text_add(out, ", %d of them made by `init`", b->initialised);
    text_put(out, "\n");
    int width = 0;
    for (int w = 0; w < b->count; w++) {
        int length = text_width(b->weights[w].slot.name);
        width = length > width ? length : width;
    }
    for (int w = 0; w < b->count; w++) {
        const struct bound *bound = &b->weights[w];
        text_put(out, "  ");
        text_pad(out, bound->slot.name, width);
        if (bound->file_name)
            text_add(out, " <- %s\n", bound->file_name);
        else
            text_add(out, " <- made: %s\n", config_init_name(bound->init));
    }
    table_phases(binding, out);
}

void weights_list_table(const struct weights_list *list, bool verbose, struct text *out) {
    const struct checkpoint *c = list->checkpoint;
    int width = 4;
    text_add(out, "%s: %s, %zu bytes, %d tensors, %zu values\nsha256 %s\n", c->path,
             format_name(c->format), c->file_size, c->tensor_count, element_count(c), c->sha256);
    if (c->key) text_add(out, "tensors found under \"%s\"\n", c->key);
    for (int m = 0; m < c->metadata_count; m++)
        text_add(out, "%s: %s\n", c->metadata[m].key, c->metadata[m].value);
    for (int t = 0; t < c->tensor_count; t++) {
        int length = text_width(c->tensors[t].name);
        width = length > width ? length : width;
    }
    text_put(out, "\n");
    text_pad(out, "name", width);
    text_add(out, "  %-4s  %-20s %10s %10s %10s %10s\n", "type", "shape", "min", "max", "mean",
             "rms");
    for (int t = 0; t < c->tensor_count; t++)
        table_tensor(&c->tensors[t], &list->stats[t], width, verbose, out);
    for (int b = 0; b < list->binding_count; b++) table_binding(&list->bindings[b], out);
}

static void json_tensor(struct json_out *o, const struct tensor *tensor,
                        const struct tensor_stats *stats) {
    json_out_object(json_out_line(o));
    json_out_string(json_out_key(o, "name"), tensor->name);
    json_out_string(json_out_key(o, "dtype"), dtype_name(tensor->dtype));
    json_out_array(json_out_key(o, "shape"));
    for (int d = 0; d < tensor->rank; d++) json_out_int(o, tensor->dims[d]);
    json_out_end(o);
    json_out_double(json_out_key(o, "min"), stats->min);
    json_out_double(json_out_key(o, "max"), stats->max);
    json_out_double(json_out_key(o, "mean"), stats->mean);
    json_out_double(json_out_key(o, "rms"), stats->rms);
    json_out_uint(json_out_key(o, "nonfinite"), stats->nonfinite);
    json_out_string(json_out_key(o, "sha256"), *stats->sha256 ? stats->sha256 : NULL);
    json_out_end(o);
}

static void json_binding(struct json_out *o, const struct weights_binding *binding) {
    const struct binding *b = binding->binding;
    json_out_object(o);
    json_out_string(json_out_key(o, "variant"), binding->variant);
    json_out_bool(json_out_key(o, "ok"), b != NULL);
    json_out_string(json_out_key(o, "problem"), b ? NULL : binding->problem);
    json_out_string(json_out_key(o, "origin"), b ? bind_origin_name(b->origin) : NULL);
    json_out_array(json_out_key(o, "weights"));
    for (int w = 0; b && w < b->count; w++) {
        const struct bound *bound = &b->weights[w];
        json_out_object(json_out_line(o));
        json_out_string(json_out_key(o, "name"), bound->slot.name);
        json_out_string(json_out_key(o, "tensor"), bound->file_name);
        json_out_string(json_out_key(o, "init"),
                        bound->file_name ? NULL : config_init_name(bound->init));
        json_out_end(o);
    }
    json_out_end(o);
    json_out_array(json_out_key(o, "imbalance"));
    for (int p = 0; p < binding->phases_count; p++) {
        const struct phases *phases = &binding->phases[p];
        json_out_object(json_out_line(o));
        json_out_string(json_out_key(o, "weight"), phases->weight);
        json_out_array(json_out_key(o, "stride"));
        json_out_int(o, phases->stride.h);
        json_out_int(o, phases->stride.w);
        json_out_end(o);
        json_out_double(json_out_key(o, "value"), phases->imbalance);
        json_out_end(o);
    }
    json_out_end(o);
    json_out_end(o);
}

void weights_list_json(const struct weights_list *list, struct text *out) {
    const struct checkpoint *c = list->checkpoint;
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.weights/1");
    json_out_string(json_out_key(&o, "file"), c->path);
    json_out_string(json_out_key(&o, "format"), format_name(c->format));
    json_out_uint(json_out_key(&o, "bytes"), c->file_size);
    json_out_string(json_out_key(&o, "sha256"), c->sha256);
    json_out_string(json_out_key(&o, "key"), c->key);
    json_out_object(json_out_key(&o, "metadata"));
    for (int m = 0; m < c->metadata_count; m++)
        json_out_string(json_out_key(&o, c->metadata[m].key), c->metadata[m].value);
    json_out_end(&o);
    json_out_array(json_out_key(&o, "tensors"));
    for (int t = 0; t < c->tensor_count; t++) json_tensor(&o, &c->tensors[t], &list->stats[t]);
    json_out_end(&o);
    json_out_array(json_out_key(&o, "bindings"));
    for (int b = 0; b < list->binding_count; b++) json_binding(&o, &list->bindings[b]);
    json_out_end(&o);
    json_out_end(&o);
}

void weights_list_csv(const struct weights_list *list, struct text *out) {
    text_put(out, "name,dtype,shape,min,max,mean,rms,nonfinite,sha256\n");
    for (int t = 0; t < list->checkpoint->tensor_count; t++) {
        const struct tensor *tensor = &list->checkpoint->tensors[t];
        const struct tensor_stats *stats = &list->stats[t];
        const double numbers[] = {stats->min, stats->max, stats->mean, stats->rms};
        text_put_csv(out, tensor->name);
        text_add(out, ",%s,", dtype_name(tensor->dtype));
        for (int d = 0; d < tensor->rank; d++)
            text_add(out, "%s%lld", d ? "x" : "", (long long)tensor->dims[d]);
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
            text_put(out, ",");
            if (!isnan(numbers[n])) text_put_number(out, numbers[n]);
        }
        text_add(out, ",%zu,%s\n", stats->nonfinite, stats->sha256);
    }
}
