/* Put before the C library (LD_PRELOAD): a disk that fails, as it is told.
 *
 * FAULTS_PREFIX is the folder it fails for. FAULTS_CONTROL is a file of three int32, shared with whoever tells:
 * calls still to succeed (negative: all), the errno after that, and how many calls there were since.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct control { int left; int error; int calls; };

static struct control *control(void) {
    static struct control *found;
    static int asked;
    if (!asked) {
        const char *path = getenv("FAULTS_CONTROL");
        int (*really_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
        int fd = path ? really_open(path, O_RDWR) : -1;
        if (fd >= 0) {
            void *map = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            found = map == MAP_FAILED ? NULL : map;
            close(fd);
        }
        asked = 1;
    }
    return found;
}

static int is_ours(const char *path) {
    const char *prefix = getenv("FAULTS_PREFIX");
    return prefix && strncmp(path, prefix, strlen(prefix)) == 0;
}

static int is_ours_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    return is_ours(path);
}

static int is_ours_at(int folder, const char *path) {
    return path[0] == '/' || folder == AT_FDCWD ? is_ours(path) : is_ours_fd(folder);
}

/* Whether this call fails; errno is set. */
static int fails(int ours) {
    struct control *told = control();
    if (!ours || !told || __atomic_load_n(&told->left, __ATOMIC_SEQ_CST) < 0) return 0;
    __atomic_add_fetch(&told->calls, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&told->left, __ATOMIC_SEQ_CST) > 0) {
        __atomic_sub_fetch(&told->left, 1, __ATOMIC_SEQ_CST);
        return 0;
    }
    errno = told->error;
    return 1;
}

#define REALLY(name) static __typeof__(name) *really; if (!really) really = dlsym(RTLD_NEXT, #name)
#define ON_FD(type, name, given, passed) \
    type name given { REALLY(name); return fails(is_ours_fd(fd)) ? (type)-1 : really passed; }

ON_FD(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
ON_FD(ssize_t, writev, (int fd, const struct iovec *data, int count), (fd, data, count))
ON_FD(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
ON_FD(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
ON_FD(int, fsync, (int fd), (fd))
ON_FD(int, fdatasync, (int fd), (fd))
ON_FD(int, ftruncate, (int fd, off_t size), (fd, size))
ON_FD(int, ftruncate64, (int fd, off64_t size), (fd, size))

int linkat(int from, const char *old, int to, const char *new, int flags) {
    REALLY(linkat);
    return fails(is_ours_at(to, new)) ? -1 : really(from, old, to, new, flags);
}

int link(const char *old, const char *new) {
    REALLY(link);
    return fails(is_ours(new)) ? -1 : really(old, new);
}

int renameat(int from, const char *old, int to, const char *new) {
    REALLY(renameat);
    return fails(is_ours_at(to, new)) ? -1 : really(from, old, to, new);
}

int rename(const char *old, const char *new) {
    REALLY(rename);
    return fails(is_ours(new)) ? -1 : really(old, new);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    REALLY(mkdirat);
    return fails(is_ours_at(folder, path)) ? -1 : really(folder, path, mode);
}

int mkdir(const char *path, mode_t mode) {
    REALLY(mkdir);
    return fails(is_ours(path)) ? -1 : really(path, mode);
}

#define OPENING(name, begins, given, ours) \
    int name given { \
        REALLY(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & O_CREAT) && fails(ours)) return -1; \
        return really begins; \
    }

OPENING(open, (path, flags, mode), (const char *path, int flags, ...), is_ours(path))
OPENING(open64, (path, flags, mode), (const char *path, int flags, ...), is_ours(path))
OPENING(openat, (folder, path, flags, mode), (int folder, const char *path, int flags, ...), is_ours_at(folder, path))
OPENING(openat64, (folder, path, flags, mode), (int folder, const char *path, int flags, ...), is_ours_at(folder, path))
