// A file driver of the library, with which writing always succeeds as far as the library can see.
//
// libhdf5 does not survive a write that fails: it frees what it could not write, keeps its identifier, and crashes in
// the same call, when the file is closed, or when the process exits. This driver therefore records the first failure,
// and keeps what is written later in memory until the file is closed. Callers look at the record after each call.
#ifndef CHDF5_DRIVER_H
#define CHDF5_DRIVER_H

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/syscall.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 14, 0)
#include <H5FDdevelop.h>
#endif

// Where a file is written, and what became of it.
typedef struct {
  // Its users: files of the library, and their owners. It is freed with the last.
  int references;
  // A file that is open already; negative to open one by its name.
  int descriptor;
  // errno of the first write that failed; 0 if none did.
  int error;
} chdf5_output;

// What the library wrote after a failure.
typedef struct chdf5_block {
  struct chdf5_block *next;
  haddr_t offset;
  size_t size;
  unsigned char bytes[];
} chdf5_block;

// A read that only tells where the data lies in a file that is only read, so that it can be read elsewhere. It is known
// by the caller's buffer: what the library reads into buffers of its own, it keeps.
typedef struct {
  const void *buffer;
  size_t size;
  haddr_t offset;
  // Of the file, to be closed by the caller; negative if it was not wanted, or nothing was found.
  int descriptor;
  int wants_descriptor;
  int is_found;
} chdf5_search;

// What the library calls the handle of a file.
typedef struct {
  int descriptor;
  chdf5_output *output;
  // NULL while reads are what they are elsewhere.
  chdf5_search *search;
} chdf5_handle;

typedef struct chdf5_file {
  // The library's part, which must come first.
  H5FD_t base;
  chdf5_handle handle;
  // Of a file that is only read, and whose descriptor may be closed while others are used; NULL for others.
  char *name;
  int is_locked;
  // Its neighbours among those with a descriptor, the latest used first.
  struct chdf5_file *newer;
  struct chdf5_file *older;
  haddr_t allocated;
  haddr_t size;
  dev_t device;
  ino_t inode;
  // In the order of writing.
  chdf5_block *blocks;
  chdf5_block *last;
  size_t kept;
} chdf5_file;

// Data beyond this are dropped after a failure: nobody reads them, and the library does not look into them.
#define CHDF5_KEPT_DATA ((size_t)64 << 20)
#define CHDF5_PUSH(minor, what)                                                                        \
  H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_FILE, minor, "%s, errno = %d", \
           what, errno)

// Files that are only read and have a descriptor. Their number is bounded, so that a dataset of more files than the
// process may open can be read. All of the driver runs under one lock.
typedef struct {
  chdf5_file *newest;
  chdf5_file *oldest;
  int count;
  int limit;
} chdf5_pool;

static inline chdf5_pool *chdf5_open_files(void) {
  static chdf5_pool pool;
  if (pool.limit == 0) {
    struct rlimit limit;
    // The rest is for everything else that the process opens.
    rlim_t most = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur / 2 : 128;
    pool.limit = most < 8 ? 8 : most > 2048 ? 2048 : (int)most;
  }
  return &pool;
}

static inline void chdf5_leave_pool(chdf5_file *file) {
  chdf5_pool *pool = chdf5_open_files();
  if (file->newer) file->newer->older = file->older; else pool->newest = file->older;
  if (file->older) file->older->newer = file->newer; else pool->oldest = file->newer;
  file->newer = file->older = NULL;
  pool->count -= 1;
}

// Makes room for the descriptor of one more file.
static inline void chdf5_make_room(void) {
  chdf5_pool *pool = chdf5_open_files();
  while (pool->count >= pool->limit && pool->oldest) {
    chdf5_file *file = pool->oldest;
    chdf5_leave_pool(file);
    close(file->handle.descriptor);
    file->handle.descriptor = -1;
  }
}

static inline void chdf5_enter_pool(chdf5_file *file) {
  chdf5_pool *pool = chdf5_open_files();
  file->older = pool->newest;
  if (pool->newest) pool->newest->newer = file; else pool->oldest = file;
  pool->newest = file;
  pool->count += 1;
}

// Opens the file again if it was closed for others; -1, with the reason in errno, if it cannot be or is another now.
static inline int chdf5_descriptor(chdf5_file *file) {
  if (!file->name) return file->handle.descriptor;
  if (file->handle.descriptor >= 0) {
    if (chdf5_open_files()->newest != file) {
      chdf5_leave_pool(file);
      chdf5_enter_pool(file);
    }
    return file->handle.descriptor;
  }
  chdf5_make_room();
  int descriptor = open(file->name, O_CLOEXEC | O_NONBLOCK | O_RDONLY);
  if (descriptor < 0) return -1;
  struct stat status;
  if (fstat(descriptor, &status) != 0 || status.st_dev != file->device || status.st_ino != file->inode) {
    close(descriptor);
    errno = ESTALE;
    return -1;
  }
  if (file->is_locked) flock(descriptor, LOCK_SH | LOCK_NB);
  file->handle.descriptor = descriptor;
  chdf5_enter_pool(file);
  return descriptor;
}

// A new record; NULL without memory.
static inline chdf5_output *chdf5_make_output(int descriptor) {
  chdf5_output *output = (chdf5_output *)calloc(1, sizeof *output);
  if (output) {
    output->references = 1;
    output->descriptor = descriptor;
  }
  return output;
}

static inline void chdf5_retain_output(chdf5_output *output) { output->references += 1; }

static inline void chdf5_release_output(chdf5_output *output) {
  output->references -= 1;
  if (output->references == 0) free(output);
}

static inline H5FD_t *chdf5_open(const char *name, unsigned flags, hid_t access, haddr_t maximum) {
  (void)maximum;
  // None for the files that a virtual dataset or an external link leads to.
  const void *information = H5Pget_driver_info(access);
  chdf5_output *output = information ? *(chdf5_output *const *)information : chdf5_make_output(-1);
  if (!output) return NULL;
  if (information) chdf5_retain_output(output);
  int descriptor;
  if (output->descriptor >= 0) {
    descriptor = fcntl(output->descriptor, F_DUPFD_CLOEXEC, 0);
    if (descriptor >= 0 && (flags & H5F_ACC_TRUNC) && ftruncate(descriptor, 0) != 0) output->error = errno;
  } else {
    // A pipe behind a link would wait for its writer.
    int mode = O_CLOEXEC | O_NONBLOCK | ((flags & H5F_ACC_RDWR) ? O_RDWR : O_RDONLY);
    if (flags & H5F_ACC_TRUNC) mode |= O_TRUNC;
    if (flags & H5F_ACC_CREAT) mode |= O_CREAT;
    if (flags & H5F_ACC_EXCL) mode |= O_EXCL;
    chdf5_make_room();
    descriptor = open(name, mode, 0666);
  }
  struct stat status;
  int is_usable = descriptor >= 0 && fstat(descriptor, &status) == 0;
  if (is_usable && !S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    is_usable = 0;
  }
  if (!is_usable) {
    CHDF5_PUSH(H5E_CANTOPENFILE, "unable to open file");
    if (descriptor >= 0) close(descriptor);
    chdf5_release_output(output);
    return NULL;
  }
  chdf5_file *file = (chdf5_file *)calloc(1, sizeof *file);
  if (!file) {
    CHDF5_PUSH(H5E_CANTOPENFILE, "unable to open file");
    close(descriptor);
    chdf5_release_output(output);
    return NULL;
  }
  file->handle.descriptor = descriptor;
  file->handle.output = output;
  file->size = (haddr_t)status.st_size;
  file->device = status.st_dev;
  file->inode = status.st_ino;
  if (output->descriptor < 0 && !(flags & (H5F_ACC_RDWR | H5F_ACC_TRUNC | H5F_ACC_CREAT))) {
    file->name = strdup(name);
    if (file->name) chdf5_enter_pool(file);
  }
  return &file->base;
}

static inline herr_t chdf5_close(H5FD_t *base) {
  chdf5_file *file = (chdf5_file *)base;
  // Network file systems report some failures here.
  chdf5_output *output = file->handle.output;
  if (file->name && file->handle.descriptor >= 0) chdf5_leave_pool(file);
  free(file->name);
  if (file->handle.descriptor >= 0 && close(file->handle.descriptor) != 0 && errno != EINTR && output->error == 0) output->error = errno;
  chdf5_release_output(output);
  for (chdf5_block *block = file->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  free(file);
  return 0;
}

static inline int chdf5_compare(const H5FD_t *one, const H5FD_t *other) {
  const chdf5_file *left = (const chdf5_file *)one, *right = (const chdf5_file *)other;
  if (left->device != right->device) return left->device < right->device ? -1 : 1;
  if (left->inode != right->inode) return left->inode < right->inode ? -1 : 1;
  return 0;
}

// The features of the library's own driver, so that files have the same bytes; but the library must not look for the
// file by its name, which it may not have yet.
static inline herr_t chdf5_query(const H5FD_t *base, unsigned long *flags) {
  (void)base;
  if (!flags) return 0;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
#ifdef H5FD_FEAT_SUPPORTS_SWMR_IO
  *flags |= H5FD_FEAT_SUPPORTS_SWMR_IO;
#endif
#ifdef H5FD_FEAT_DEFAULT_VFD_COMPATIBLE
  *flags |= H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
#endif
  return 0;
}

static inline haddr_t chdf5_get_allocated(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const chdf5_file *)base)->allocated;
}

static inline herr_t chdf5_set_allocated(H5FD_t *base, H5FD_mem_t type, haddr_t end) {
  (void)type;
  ((chdf5_file *)base)->allocated = end;
  return 0;
}

static inline haddr_t chdf5_get_size(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const chdf5_file *)base)->size;
}

static inline herr_t chdf5_get_handle(H5FD_t *base, hid_t access, void **handle) {
  (void)access;
  *handle = &((chdf5_file *)base)->handle;
  return 0;
}

// Whether a byte is in the page cache, as far as can be told. The C library declares preadv2 to GNU sources alone.
static inline int chdf5_is_cached(int descriptor, haddr_t offset) {
#if defined(SYS_preadv2) && defined(RWF_NOWAIT) && SIZE_MAX > UINT32_MAX
  char byte;
  struct iovec place = {&byte, 1};
  return syscall(SYS_preadv2, descriptor, &place, 1L, (long)offset, 0L, RWF_NOWAIT) == 1;
#else
  (void)descriptor;
  (void)offset;
  return 0;
#endif
}

// Asks the system to have a part of a file in the page cache soon.
static inline void chdf5_read_ahead(int descriptor, haddr_t offset, size_t size) {
  if (chdf5_is_cached(descriptor, offset) && chdf5_is_cached(descriptor, offset + size - 1)) return;
  // One call reads at most what the device takes at once.
  size_t part = (size_t)128 << 10;
  for (size_t done = 0; done < size; done += part) {
    size_t rest = size - done;
    posix_fadvise(descriptor, (off_t)(offset + done), (off_t)(rest < part ? rest : part), POSIX_FADV_WILLNEED);
  }
}

// Whether a read is the one that is searched for. What it finds is read soon.
static inline int chdf5_find(
    chdf5_file *file, H5FD_mem_t type, int descriptor, haddr_t offset, size_t size, const void *buffer) {
  chdf5_search *search = file->handle.search;
  if (!search || search->is_found || type != H5FD_MEM_DRAW || !file->name) return 0;
  if (buffer != search->buffer || size != search->size) return 0;
  if (offset > file->size || size > file->size - offset) return 0;
  if (search->wants_descriptor) {
    search->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (search->descriptor < 0) return 0;
  }
  chdf5_read_ahead(descriptor, offset, size);
  search->offset = offset;
  search->is_found = 1;
  return 1;
}

static inline herr_t chdf5_read(
    H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t offset, size_t size, void *buffer) {
  (void)transfer;
  chdf5_file *file = (chdf5_file *)base;
  unsigned char *bytes = (unsigned char *)buffer;
  size_t done = 0;
  int descriptor = chdf5_descriptor(file);
  if (descriptor < 0) {
    CHDF5_PUSH(H5E_READERROR, "unable to open file again");
    return -1;
  }
  if (chdf5_find(file, type, descriptor, offset, size, buffer)) return 0;
  while (done < size) {
    ssize_t count = pread(descriptor, bytes + done, size - done, (off_t)(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      CHDF5_PUSH(H5E_READERROR, "file read failed");
      return -1;
    }
    if (count == 0) break;
    done += (size_t)count;
  }
  memset(bytes + done, 0, size - done);
  for (const chdf5_block *block = file->blocks; block; block = block->next) {
    haddr_t start = offset > block->offset ? offset : block->offset;
    haddr_t end = offset + size < block->offset + block->size ? offset + size : block->offset + block->size;
    if (start < end) memcpy(bytes + (start - offset), block->bytes + (start - block->offset), end - start);
  }
  return 0;
}

static inline herr_t chdf5_write(
    H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t offset, size_t size, const void *buffer) {
  (void)transfer;
  chdf5_file *file = (chdf5_file *)base;
  const unsigned char *bytes = (const unsigned char *)buffer;
  size_t done = 0;
  while (done < size && file->handle.output->error == 0) {
    // Linux writes at most 2 GiB at once.
    size_t part = size - done < ((size_t)1 << 30) ? size - done : (size_t)1 << 30;
    ssize_t count = pwrite(file->handle.descriptor, bytes + done, part, (off_t)(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      file->handle.output->error = errno;
    } else {
      done += (size_t)count;
    }
  }
  if (offset + size > file->size) file->size = offset + size;
  if (done == size || (type == H5FD_MEM_DRAW && file->kept + size - done > CHDF5_KEPT_DATA)) return 0;
  chdf5_block *block = (chdf5_block *)malloc(sizeof *block + size - done);
  if (!block) return 0;
  block->next = NULL;
  block->offset = offset + done;
  block->size = size - done;
  memcpy(block->bytes, bytes + done, size - done);
  if (file->last) {
    file->last->next = block;
  } else {
    file->blocks = block;
  }
  file->last = block;
  file->kept += block->size;
  return 0;
}

static inline herr_t chdf5_truncate_file(H5FD_t *base, hid_t transfer, hbool_t closing) {
  (void)transfer;
  (void)closing;
  chdf5_file *file = (chdf5_file *)base;
  if (file->size == file->allocated) return 0;
  if (file->handle.output->error == 0 && ftruncate(file->handle.descriptor, (off_t)file->allocated) != 0) {
    file->handle.output->error = errno;
  }
  file->size = file->allocated;
  return 0;
}

// Goes on without a lock where the file system has none.
static inline herr_t chdf5_lock(H5FD_t *base, hbool_t exclusive) {
  chdf5_file *file = (chdf5_file *)base;
  file->is_locked = 1;
  // One that is closed for others is locked when it is opened again.
  if (file->handle.descriptor < 0) return 0;
  int status = flock(file->handle.descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
  if (status == 0 || errno == ENOSYS || errno == ENOTSUP) return 0;
  CHDF5_PUSH(H5E_CANTOPENFILE, "unable to lock file");
  return -1;
}

static inline herr_t chdf5_unlock(H5FD_t *base) {
  chdf5_file *file = (chdf5_file *)base;
  file->is_locked = 0;
  if (file->handle.descriptor >= 0) flock(file->handle.descriptor, LOCK_UN);
  return 0;
}

// Registers the driver; negative on failure.
static inline hid_t chdf5_register_driver(void) {
  static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 14, 0)
      .version = H5FD_CLASS_VERSION,
      .value = 600,
#endif
      .name = "weft",
      .maxaddr = INT64_MAX,
      .fc_degree = H5F_CLOSE_WEAK,
      .fapl_size = sizeof(chdf5_output *),
      .open = chdf5_open,
      .close = chdf5_close,
      .cmp = chdf5_compare,
      .query = chdf5_query,
      .get_eoa = chdf5_get_allocated,
      .set_eoa = chdf5_set_allocated,
      .get_eof = chdf5_get_size,
      .get_handle = chdf5_get_handle,
      .read = chdf5_read,
      .write = chdf5_write,
      .truncate = chdf5_truncate_file,
      .lock = chdf5_lock,
      .unlock = chdf5_unlock,
      .fl_map = H5FD_FLMAP_DICHOTOMY,
  };
  return H5FDregister(&driver);
}

// The record of an open file, which the caller releases; NULL if it has another driver.
static inline chdf5_output *chdf5_copy_output(hid_t file) {
  void *handle = NULL;
  if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || !handle) return NULL;
  chdf5_output *output = ((chdf5_handle *)handle)->output;
  chdf5_retain_output(output);
  return output;
}

// Makes reads of the file that holds an object a search, or ends that with NULL; negative on failure.
static inline herr_t chdf5_search_in_file(hid_t object, chdf5_search *search) {
  hid_t file = H5Iget_file_id(object);
  if (file < 0) return -1;
  void *handle = NULL;
  herr_t status = H5Fget_vfd_handle(file, H5P_DEFAULT, &handle);
  if (status >= 0 && handle) ((chdf5_handle *)handle)->search = search;
  H5Fclose(file);
  return handle ? status : -1;
}

// Makes files that are opened with these properties use the driver.
static inline herr_t chdf5_set_driver(hid_t access, hid_t driver, chdf5_output *output) {
  return H5Pset_driver(access, driver, &output);
}

#endif
