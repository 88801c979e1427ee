// The library between the program and one MPI, compiled with that MPI's header by Scripts/mpi-libraries. It is linked to
// no MPI: the program loads the one of the launcher before it, whatever its file is called.
#include <mpi.h>
#include <stddef.h>

#include "interface.h"

#if defined(__GNUC__) && !defined(__clang__)
// MPICH's header declares statuses as an array, and its mark for unwanted ones as an address without room for any.
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

static int start(void) {
  int provided = 0;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  return provided >= MPI_THREAD_SERIALIZED;
}

static int own_rank(void) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

static int rank_count(void) {
  int count = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  return count;
}

static void send_values(const float *values, int count, int peer, int tag, void *requests, int place) {
  MPI_Isend(values, count, MPI_FLOAT, peer, tag, MPI_COMM_WORLD, (MPI_Request *)requests + place);
}

static void receive_values(float *values, int count, int peer, int tag, void *requests, int place) {
  MPI_Irecv(values, count, MPI_FLOAT, peer, tag, MPI_COMM_WORLD, (MPI_Request *)requests + place);
}

static void gather_bytes(
    const void *bytes, int count, void *all, const int *counts, const int *starts, void *requests, int place) {
  MPI_Iallgatherv(
      bytes, count, MPI_BYTE, all, counts, starts, MPI_BYTE, MPI_COMM_WORLD, (MPI_Request *)requests + place);
}

static int all_done(int count, void *requests) {
  int done = 0;
  MPI_Testall(count, (MPI_Request *)requests, &done, MPI_STATUSES_IGNORE);
  return done;
}

static void end_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

static void finish(void) { MPI_Finalize(); }

// The only symbol that the program looks up.
const struct cmpi_interface weft_mpi = {
    .version = CMPI_VERSION,
#if defined(OPEN_MPI)
    .mpi = CMPI_OPEN_MPI,
#elif defined(MPICH_VERSION)
    .mpi = CMPI_MPICH,
#else
#error "neither Open MPI nor MPICH"
#endif
    .request_size = sizeof(MPI_Request),
    .start = start,
    .rank = own_rank,
    .count = rank_count,
    .send = send_values,
    .receive = receive_values,
    .gather = gather_bytes,
    .all_done = all_done,
    .abort = end_all,
    .finish = finish,
};
