#include "report/run_json.h"

#include "base/file.h"
#include "json/json_out.h"

static void write_member(struct json_out *o, const struct config *config,
                         const struct result_member *member) {
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), member->variant);
    if (member->seed_count > 1) json_out_int(json_out_key(o, "seed"), member->seed);
    json_out_string(json_out_key(o, "folder"), member->folder);
    json_out_string(json_out_key(o, "runs_as"), member->runs_as);
    json_out_object(json_out_key(o, "weights"));
    json_out_string(json_out_key(o, "origin"), bind_origin_name(member->origin));
    json_out_string(json_out_key(o, "file"), member->weights ? file_base(member->weights) : NULL);
    json_out_string(json_out_key(o, "sha256"), member->weights_sha256);
    json_out_int(json_out_key(o, "initialised"), member->initialised);
    json_out_end(o);
    const struct config_variant *variant = config_find(config, member->variant);
    if (member->seed == 1) config_print(variant, json_out_key(o, "resolved"));
    json_out_end(o);
}

static void write_digest(struct json_out *o, const char *key, const char *hex) {
    json_out_string(json_out_key(o, key), *hex ? hex : NULL);
}

static void write_compare(struct json_out *o, const struct config *config) {
    json_out_object(json_out_key(o, "compare"));
    json_out_string(json_out_key(o, "primary"), config->primary);
    json_out_string(json_out_key(o, "reference"), config->reference);
    json_out_object(json_out_key(o, "margins"));
    for (int i = 0; i < config->margin_count; i++)
        json_out_double(json_out_key(o, config->margins[i].metric), config->margins[i].margin);
    json_out_end(o);
    json_out_end(o);
}

void run_json_write(const struct results *results, const struct run_facts *facts,
                    struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.run/1");
    json_out_string(json_out_key(&o, "version"), facts->version);
    json_out_object(json_out_key(&o, "config"));
    json_out_string(json_out_key(&o, "name"), results->config->name);
    json_out_string(json_out_key(&o, "file"), file_base(results->config->path));
    json_out_string(json_out_key(&o, "sha256"), results->config->sha256);
    write_compare(&o, results->config);
    json_out_end(&o);
    json_out_array(json_out_key(&o, "variants"));
    for (int m = 0; m < results->member_count; m++)
        write_member(&o, results->config, &results->members[m]);
    json_out_end(&o);
    json_out_object(json_out_key(&o, "inputs"));
    json_out_string(json_out_key(&o, "images"), facts->images);
    json_out_string(json_out_key(&o, "targets"), facts->targets);
    json_out_string(json_out_key(&o, "pairs"), facts->pairs);
    json_out_int(json_out_key(&o, "shard"), facts->shard);
    json_out_int(json_out_key(&o, "shards"), facts->shards);
    json_out_array(json_out_key(&o, "files"));
    for (int i = 0; i < results->image_count; i++) {
        json_out_object(json_out_line(&o));
        json_out_string(json_out_key(&o, "name"), results->images[i].stem);
        write_digest(&o, "sha256", results->images[i].sha256);
        if (results->has_targets)
            write_digest(&o, "target_sha256", results->images[i].target_sha256);
        if (results->images[i].label >= 0)
            json_out_int(json_out_key(&o, "label"), results->images[i].label);
        json_out_end(&o);
    }
    json_out_end(&o);
    json_out_end(&o);
    json_out_object(json_out_key(&o, "machine"));
    json_out_string(json_out_key(&o, "description"), facts->machine);
    json_out_string(json_out_key(&o, "isa"), facts->isa);
    json_out_int(json_out_key(&o, "threads"), facts->threads);
    json_out_int(json_out_key(&o, "batch"), facts->batch);
    json_out_string(json_out_key(&o, "image_decoder"), facts->decoder);
    json_out_end(&o);
    json_out_end(&o);
}
