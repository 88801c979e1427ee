// SentencePiece, a C++ library, through functions that Swift can call. What is returned through a pointer to a pointer
// is the caller's to free().
#ifndef CSENTENCEPIECE_H
#define CSENTENCEPIECE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A model that cuts text into pieces. Any number of threads may use one at the same time.
typedef struct csentencepiece_model csentencepiece_model;

// Gives the next line to learn from, without its end, and its bytes; NULL after the last one. The line need only live
// until the next call.
typedef const char *(*csentencepiece_line_source)(void *context, size_t *count);

// Learns a model. `options` are names and values by turns, ended by NULL: the trainer's own. Returns 0, or another
// number with a message.
int csentencepiece_train(const char *const *options, unsigned seed, csentencepiece_line_source next, void *context,
                         uint8_t **model, size_t *count, char **message);

// Opens a model; NULL with a message if it is none.
csentencepiece_model *csentencepiece_open(const uint8_t *model, size_t count, char **message);
void csentencepiece_close(csentencepiece_model *model);

// Pieces of a model.
int csentencepiece_piece_count(const csentencepiece_model *model);
// The text of a piece, which lives as long as the model.
const char *csentencepiece_piece(const csentencepiece_model *model, int number);
// Whether a piece stands for a byte of a character that has no piece.
int csentencepiece_is_byte(const csentencepiece_model *model, int number);

// Cuts a line into pieces; 0 for success.
int csentencepiece_encode(const csentencepiece_model *model, const char *text, size_t count, int **numbers,
                          size_t *number_count);

#ifdef __cplusplus
}
#endif

#endif
