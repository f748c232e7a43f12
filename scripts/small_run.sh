# Sourced, with ROOT set, by the tests that let a small run fail in every way.

# Into the current folder: `images` and `targets` of the glyphs named, and `config.json`, whose two
# variants run on random weights.
small_run() { # glyph...
    mkdir images targets
    for name; do
        cp "$ROOT/data/glyphs/source/$name.png" images
        cp "$ROOT/data/glyphs/target/$name.png" targets
    done
    cat >config.json <<'END'
{ "name": "small", "input": { "channels": 1, "size": [32, 32], "resize": "bilinear" }, "output": { "channels": 1 },
  "style": { "mode": "none" },
  "blocks": [ { "name": "outer", "channels": 4, "down": { "norm": "none" } },
              { "name": "inner", "channels": 8, "down": { "norm": "none" } } ],
  "weights": { "random": 1 },
  "variants": [ { "name": "a" },
                { "name": "b", "blocks": { "inner": { "up": { "stride": 1 }, "fit": "bilinear" } } } ] }
END
}
