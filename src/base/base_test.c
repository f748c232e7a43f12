#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

static void test_err(void) {
    struct err err = {0};
    CHECK(!err_add(&err, STATUS_BAD_INPUT, "no tensor %s", SAFE("a\x1b[31m\nb")));
    CHECK(!err_add(&err, STATUS_IO, "second"));
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    CHECK_STR(err.text, "no tensor a\\x1b[31m\\x0ab\nsecond");
    err_free(&err);
    err_free(&err);
    CHECK_STR(SAFE("\xff\xe4\xb8\x80"), "\\xff\xe4\xb8\x80");
    char longer[400];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    CHECK(strlen(SAFE(longer)) == 163);
}

static void test_escapes(void) {
    struct text t = {0};
    text_put_json(&t, "a\"\\\n\x01\xff<");
    CHECK_STR(t.s, "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd<\"");
    text_free(&t);
    text_put_html(&t, "<a href='x'>&\x1b");
    CHECK_STR(t.s, "&#60;a href=&#39;x&#39;&#62;&#38;\xef\xbf\xbd");
    text_free(&t);
    text_put_csv(&t, "=1+1");
    text_put_csv(&t, "a,\"b\"");
    text_put_csv(&t, "plain");
    CHECK_STR(t.s, "\"'=1+1\"\"a,\"\"b\"\"\"plain");
    text_free(&t);
    text_put_terminal(&t, "a\x1b[0m\xc2\x9b\x7f\n");
    CHECK_STR(t.s, "a\\x1b[0m\\x9b\\x7f\n");
    text_free(&t);
}

static void test_encodings(void) {
    struct text t = {0};
    text_put_base64(&t, "foobar", 6);
    text_put(&t, " ");
    text_put_base64(&t, "foob", 4);
    text_put(&t, " ");
    text_put_base64(&t, "fooba", 5);
    text_put(&t, " ");
    text_put_url(&t, "a b/\xe4?\"#%.png");
    CHECK_STR(t.s, "Zm9vYmFy Zm9vYg== Zm9vYmE= a%20b/%E4%3F%22%23%25.png");
    text_free(&t);
}

static void test_numbers(void) {
    const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {-0.0, "0"},
                 {1e300, "1e+300"},
                 {3, "3"},
                 {1.0 / 3, "0.3333333333333333"},
                 {NAN, "null"},
                 {HUGE_VAL, "null"},
                 {5.949e9, "5949000000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text t = {0};
        text_put_number(&t, cases[i].value);
        CHECK_STR(t.s, cases[i].text);
        text_free(&t);
    }
}

static void test_words(void) {
    CHECK_INT(text_distance("stride", "strdie", 3), 1);
    CHECK_INT(text_distance("kernel", "kernels", 3), 1);
    CHECK_INT(text_distance("abc", "xyzuvw", 2), 3);
    CHECK_INT(text_width("a\xe4\xb8\x80\xcc\x81"), 3);
    struct text t = {0};
    text_pad(&t, "\xe4\xb8\x80", 4);
    text_pad(&t, "ab", -4);
    CHECK_STR(t.s, "\xe4\xb8\x80    ab");
    text_free(&t);
    CHECK_INT(text_utf8_length("\xed\xa0\x80", 3), 0);
    CHECK_INT(text_utf8_length("\xf4\x90\x80\x80", 4), 0);
    CHECK_INT(text_utf8_length("\xc0\x80", 2), 0);
}

static void test_hashes(void) {
    char hex[65];
    sha256_hex_of("abc", 3, hex);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    sha256_hex_of(two_blocks, strlen(two_blocks), hex);
    CHECK_STR(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sha256_hex_of("", 0, hex);
    CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    char bytes[1000];
    for (int i = 0; i < 1000; i++) bytes[i] = (char)(i * 7);
    char whole[65];
    sha256_hex_of(bytes, sizeof bytes, whole);
    for (size_t cut = 0; cut <= sizeof bytes; cut += 37) { /* fed in parts it is the same */
        struct sha256 s;
        uint8_t digest[32];
        sha256_start(&s);
        sha256_add(&s, bytes, cut);
        sha256_add(&s, bytes + cut, sizeof bytes - cut);
        sha256_end(&s, digest);
        sha256_hex(digest, hex);
        CHECK_STR(hex, whole);
        CHECK_INT(crc32_add(crc32_add(0, bytes, cut), bytes + cut, sizeof bytes - cut),
                  crc32_add(0, bytes, sizeof bytes));
    }
    CHECK_INT(crc32_add(0, "123456789", 9), 0xcbf43926);
    CHECK(hash64("a", 1, 0) != hash64("a\0", 2, 0));
    CHECK(hash64("a", 1, 0) != hash64("a", 1, 1));
    CHECK(hash_mix(0) == 0xe220a8397b1dcdafu); /* first output of SplitMix64 seeded with 0 */
}

static void test_files(void) {
    char dir[] = "/tmp/base_test.XXXXXX";
    struct err err = {0};
    CHECK(mkdtemp(dir) != NULL);
    char *deep = file_join(dir, "a/b");
    CHECK(file_make_dirs(deep, &err));
    CHECK(file_is_dir(deep));
    char *path = file_join(deep, "f.txt");
    CHECK(file_write(path, "hello", 5, &err));
    CHECK(file_write(path, "hello again", 11, &err)); /* replaces */
    struct bytes bytes;
    CHECK(file_read(path, 100, &bytes, &err));
    CHECK_STR((char *)bytes.data, "hello again");
    bytes_free(&bytes);
    CHECK(!file_read(path, 10, &bytes, &err) && err.status == STATUS_LIMIT);
    err_free(&err);
    CHECK(!file_read(deep, 10, &bytes, &err) && err.status == STATUS_IO);
    err_free(&err);
    CHECK(!file_read("/nonexistent/x", 10, &bytes, &err) && err.status == STATUS_IO);
    CHECK_STR(err.text, "cannot open /nonexistent/x: No such file or directory");
    err_free(&err);
    CHECK(!file_write("/nonexistent/x", "", 0, &err) && err.status == STATUS_IO);
    err_free(&err);
    CHECK(!file_make_dirs("/dev/null/x", &err));
    err_free(&err);
    CHECK_STR(file_base("a/b.c"), "b.c");
    unlink(path);
    rmdir(deep);
    mem_free(deep);
    deep = file_dir(path);
    rmdir(deep);
    mem_free(deep);
    deep = file_join(dir, "a");
    CHECK(rmdir(deep) == 0 && rmdir(dir) == 0); /* nothing else was left behind */
    mem_free(deep);
    mem_free(path);
}

static void test_memory(void) {
    struct arena arena = {0};
    for (int i = 0; i < 1000; i++) {
        char *s = arena_printf(&arena, "item %d", i);
        CHECK(strncmp(s, "item ", 5) == 0 && (size_t)s % 16 == 0);
    }
    char *big = arena_alloc(&arena, 5u << 20);
    CHECK(big[0] == 0 && big[(5u << 20) - 1] == 0);
    arena_free(&arena);
    arena_free(&arena);
    int *items = NULL;
    size_t capacity = 0, product;
    for (size_t i = 0; i < 100; i++) {
        mem_grow(&items, &capacity, i + 1, sizeof *items);
        CHECK(items[i] == 0);
        items[i] = (int)i;
    }
    CHECK_INT(items[57], 57);
    mem_free(items);
    CHECK(!mem_mul((size_t)1 << 40, (size_t)1 << 40, &product));
}

int main(void) {
    test_err();
    test_escapes();
    test_encodings();
    test_numbers();
    test_words();
    test_hashes();
    test_files();
    test_memory();
    return check_end();
}
