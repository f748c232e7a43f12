#include "image/folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"

static char root[] = "/tmp/stridelab-folder-XXXXXX";

static void touch(const char *name) {
    struct err err = {0};
    char *path = file_join(root, name);
    CHECK(file_write(path, "x", 1, &err));
    mem_free(path);
    err_free(&err);
}

static void discard(const char *name) {
    char *path = file_join(root, name);
    CHECK(remove(path) == 0);
    mem_free(path);
}

static void test_listing(void) {
    static const char *const files[] = {"10.png", "2.PNG",  "1.jpg",     "01.bmp",     "a10b2.jpeg",
                                        "a9.png", ".x.png", "notes.txt", "a10b10.png", "png"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) touch(files[i]);
    char *fifo = file_join(root, "fifo.png"), *dir = file_join(root, "dir.png");
    char *dangling = file_join(root, "zz.png");
    CHECK(mkfifo(fifo, 0600) == 0 && mkdir(dir, 0700) == 0 && symlink("nothing", dangling) == 0);

    static const char *const want[] = {"01", "1", "2", "10", "a9", "a10b2", "a10b10", "zz"};
    struct err err = {0};
    struct folder folder;
    CHECK(folder_list(root, &folder, &err));
    CHECK_INT(folder.count, 8);
    for (int i = 0; i < folder.count && i < 8; i++) CHECK_STR(folder.items[i].stem, want[i]);
    for (int i = 0; i < 8; i++) {
        const struct folder_item *item = folder_find(&folder, want[i]);
        CHECK(item && strcmp(item->stem, want[i]) == 0);
    }
    CHECK(folder_find(&folder, "001") == NULL && folder_find(&folder, "") == NULL);
    CHECK(folder_find(&folder, "zzz") == NULL);
    CHECK_STR(file_base(folder_find(&folder, "2")->path), "2.PNG");
    folder_free(&folder);
    folder_free(&folder);

    touch("2.jpg");
    touch("a9.bmp");
    CHECK(!folder_list(root, &folder, &err));
    CHECK_INT(err.count, 2);
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    CHECK(strstr(err.text, "2.PNG") && strstr(err.text, "2.jpg") && strstr(err.text, "a9.bmp"));
    folder_free(&folder);
    err_free(&err);

    CHECK(!folder_list(fifo, &folder, &err));
    folder_free(&folder);
    CHECK(!folder_list(dangling, &folder, &err));
    CHECK_INT(err.status, STATUS_IO);
    folder_free(&folder);
    err_free(&err);
    CHECK(!folder_list(dir, &folder, &err)); /* empty */
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    folder_free(&folder);
    CHECK(folder_find(&folder, "2") == NULL);
    err_free(&err);

    char *one = file_join(root, "a9.png");
    CHECK(folder_list(one, &folder, &err));
    CHECK_INT(folder.count, 1);
    CHECK_STR(folder.items[0].stem, "a9");
    CHECK_STR(folder.items[0].path, one);
    folder_free(&folder);
    mem_free(one);

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) discard(files[i]);
    discard("2.jpg"), discard("a9.bmp"), discard("fifo.png"), discard("dir.png");
    discard("zz.png");
    mem_free(fifo);
    mem_free(dir);
    mem_free(dangling);
}

int main(void) {
    CHECK(mkdtemp(root) != NULL);
    test_listing();
    CHECK(rmdir(root) == 0);
    return check_end();
}
