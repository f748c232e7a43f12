/* The digest of an open file: whole, cancelled, and of a file that shrinks meanwhile. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "weights/digest.h"

static void check_size(struct pool *pool, size_t size) {
    char hex[65], want[65];
    struct err err = {0};
    uint8_t *bytes = mem_alloc(size);
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)hash_mix(i);
    int fd = memfd_create("digest", MFD_CLOEXEC);
    CHECK(write(fd, bytes, size) == (ssize_t)size);
    sha256_hex_of(bytes, size, want);
    struct source source = {.fd = dup(fd), .path = "memory", .size = size};
    struct digest *digest = digest_begin(&source, pool);
    CHECK(digest_end(digest, hex, &err));
    CHECK_STR(hex, want);
    CHECK(fcntl(source.fd, F_GETFD) < 0); /* closed */

    source.fd = dup(fd);
    digest_cancel(digest_begin(&source, pool));
    CHECK(fcntl(source.fd, F_GETFD) < 0);

    source.fd = dup(fd);
    source.size = size + 1;
    digest = digest_begin(&source, pool);
    CHECK(!digest_end(digest, hex, &err));
    CHECK_INT(err.status, STATUS_IO);
    CHECK(err.text && strstr(err.text, "memory") && strstr(err.text, "shrank"));
    CHECK(fcntl(source.fd, F_GETFD) < 0);
    err_free(&err);
    mem_free(bytes);
    close(fd);
}

int main(void) {
    struct pool *pool = pool_create(3);
    static const size_t sizes[] = {0, 1, 1000, 256 << 10, (1 << 20) + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_size(NULL, sizes[i]);
        check_size(pool, sizes[i]);
    }
    digest_cancel(NULL);
    pool_free(pool);
    return check_end();
}
