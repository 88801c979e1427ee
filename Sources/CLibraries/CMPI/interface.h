// What the program calls of MPI. Handles are types and macros of their own in each MPI, so one small library for each,
// made of library.c, has these functions, which look the same whatever MPI they were compiled for.
#ifndef CMPI_INTERFACE_H
#define CMPI_INTERFACE_H

// Raised whenever the functions change: a program does not use libraries of another version.
#define CMPI_VERSION 1

// The MPIs, of which the second stands for all that have its binary interface.
#define CMPI_OPEN_MPI 1
#define CMPI_MPICH 2

struct cmpi_interface {
  int version;
  // The MPI that the library was compiled for.
  int mpi;
  // Bytes of one request. Requests are an array of the caller's, which functions get with a place in it.
  int request_size;

  // Starts MPI for calls of one thread at a time; whether it allows them. All failures of MPI's own end all ranks, which
  // is its default.
  int (*start)(void);
  int (*rank)(void);
  int (*count)(void);
  void (*send)(const float *values, int count, int peer, int tag, void *requests, int place);
  void (*receive)(float *values, int count, int peer, int tag, void *requests, int place);
  // The bytes of all ranks, one after the other, at `starts`.
  void (*gather)(
      const void *bytes, int count, void *all, const int *counts, const int *starts, void *requests, int place);
  // Drives all transfers on; whether those of the first `count` requests are done.
  int (*all_done)(int count, void *requests);
  void (*abort)(int status);
  void (*finish)(void);
};

#endif
