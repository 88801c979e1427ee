// What Swift cannot import from hdf5.h by itself: macros that cast or that initialise the library, and calls whose
// names or structures changed between HDF5 1.10 and later releases.
#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

#include <hdf5.h>
#include <hdf5_hl.h>

#include "driver.h"

// Native types, by kind of element.
static inline hid_t chdf5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t chdf5_native_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t chdf5_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline hid_t chdf5_object_reference(void) { return H5T_STD_REF_OBJ; }
static inline size_t chdf5_variable_size(void) { return H5T_VARIABLE; }

// Property list classes and default identifiers.
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t chdf5_dataset_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t chdf5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_all(void) { return H5S_ALL; }

// Flags.
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
// With which a file can be read while another program appends to it.
static inline unsigned chdf5_read_while_written(void) { return H5F_ACC_RDONLY | H5F_ACC_SWMR_READ; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_exclusive(void) { return H5F_ACC_EXCL; }
static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }
static inline int chdf5_address_is_defined(haddr_t address) { return address != HADDR_UNDEF; }
static inline H5F_libver_t chdf5_latest(void) { return H5F_LIBVER_LATEST; }

// Locks a file where the file system can, and goes on without where it cannot. The call came with 1.10.7 and with
// 1.12.1; older releases decide by the environment variable HDF5_USE_FILE_LOCKING alone.
static inline herr_t chdf5_lock_when_possible(hid_t access) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
  return H5Pset_file_locking(access, 1, 1);
#else
  (void)access;
  return 0;
#endif
}

// What identifies an object whatever path leads to it, and what it is.
typedef struct {
  unsigned long file;
  unsigned long long address;
  int type;
} chdf5_object_info;

#if H5_VERSION_GE(1, 12, 0)
typedef H5O_info1_t chdf5_library_object_info;
#else
typedef H5O_info_t chdf5_library_object_info;
#endif

static inline herr_t chdf5_get_object_info(hid_t location, const char *name, chdf5_object_info *result) {
  chdf5_library_object_info info;
  herr_t status = H5Oget_info_by_name2(location, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
  if (status >= 0) {
    result->file = info.fileno;
    result->address = info.addr;
    result->type = (int)info.type;
  }
  return status;
}

// The kind of a link, and the size of its value for a soft or external one.
static inline herr_t chdf5_get_link_info(hid_t group, const char *name, int *type, size_t *value_size) {
#if H5_VERSION_GE(1, 12, 0)
  H5L_info1_t info;
  herr_t status = H5Lget_info1(group, name, &info, H5P_DEFAULT);
#else
  H5L_info_t info;
  herr_t status = H5Lget_info(group, name, &info, H5P_DEFAULT);
#endif
  if (status >= 0) {
    *type = (int)info.type;
    *value_size = info.type == H5L_TYPE_HARD ? 0 : info.u.val_size;
  }
  return status;
}

typedef void (*chdf5_name_callback)(const char *name, void *context);

typedef struct {
  chdf5_name_callback callback;
  void *context;
} chdf5_name_request;

#if H5_VERSION_GE(1, 12, 0)
static inline herr_t chdf5_forward_link(hid_t group, const char *name, const H5L_info1_t *info, void *data) {
#else
static inline herr_t chdf5_forward_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
#endif
  (void)group;
  (void)info;
  chdf5_name_request *request = (chdf5_name_request *)data;
  request->callback(name, request->context);
  return 0;
}

static inline herr_t chdf5_forward_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
  (void)object;
  (void)info;
  chdf5_name_request *request = (chdf5_name_request *)data;
  request->callback(name, request->context);
  return 0;
}

// Calls back with the name of every link of a group, in the order of the names.
static inline herr_t chdf5_list_links(hid_t group, chdf5_name_callback callback, void *context) {
  chdf5_name_request request = {callback, context};
#if H5_VERSION_GE(1, 12, 0)
  return H5Literate1(group, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_forward_link, &request);
#else
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_forward_link, &request);
#endif
}

// Calls back with the name of every attribute of an object, in the order of the names.
static inline herr_t chdf5_list_attributes(hid_t object, chdf5_name_callback callback, void *context) {
  chdf5_name_request request = {callback, context};
  return H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_forward_attribute, &request);
}

// Frees what the library allocated for values of variable length.
static inline herr_t chdf5_reclaim(hid_t type, hid_t space, void *buffer) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Treclaim(type, space, H5P_DEFAULT, buffer);
#else
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
#endif
}

#endif
