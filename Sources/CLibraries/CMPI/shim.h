// What Swift cannot import from mpi.h by itself: handles that are macros with casts, different ones in each MPI.
#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

#include <mpi.h>

// Starts MPI for calls of one thread at a time; whether it allows them. All failures of MPI's own end all ranks, which
// is its default.
static inline int cmpi_init(void) {
  int provided = 0;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  return provided >= MPI_THREAD_SERIALIZED;
}

static inline int cmpi_rank(void) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

static inline int cmpi_count(void) {
  int count = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  return count;
}

static inline int cmpi_send(const float *values, int count, int peer, int tag, MPI_Request *request) {
  return MPI_Isend(values, count, MPI_FLOAT, peer, tag, MPI_COMM_WORLD, request);
}

static inline int cmpi_receive(float *values, int count, int peer, int tag, MPI_Request *request) {
  return MPI_Irecv(values, count, MPI_FLOAT, peer, tag, MPI_COMM_WORLD, request);
}

// The bytes of all ranks, one after the other, at `starts`.
static inline int cmpi_gather(
    const void *bytes, int count, void *all, const int *counts, const int *starts, MPI_Request *request) {
  return MPI_Iallgatherv(bytes, count, MPI_BYTE, all, counts, starts, MPI_BYTE, MPI_COMM_WORLD, request);
}

// Drives all transfers on; whether those of the requests are done.
static inline int cmpi_all_done(int count, MPI_Request *requests) {
  int done = 0;
  MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
  return done;
}

static inline void cmpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

static inline void cmpi_finalize(void) { MPI_Finalize(); }

#endif
