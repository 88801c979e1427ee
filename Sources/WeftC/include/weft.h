/* Trained models of Weft in C, and in every language that can call C.
 *
 *   char *error = NULL;
 *   weft_model *model = weft_open("runs/model", &error);
 *   if (model == NULL) { fprintf(stderr, "%s\n", error); weft_free(error); return 1; }
 *   ...
 *   weft_close(model);
 *
 * Functions that can fail have `error` as their last argument, which may be NULL. When they fail, they store the reason
 * there, one line of UTF-8 that the caller frees by weft_free; otherwise they store NULL. Arguments are checked: NULL
 * where a pointer is needed, sizes that do not fit and numbers that the model cannot read are errors. What cannot be
 * checked is that arrays have the sizes documented here, and that pointers are those of this library, not closed yet.
 *
 * Threads: all functions may be called from any thread. Calls with one model wait for each other; those with different
 * models, or with different steppers, run at the same time. One stepper is for one thread at a time, and no call may
 * run with what another closes.
 *
 * Numbers are in the units of the data that the model was trained on: inputs are scaled, and predictions scaled back,
 * as in training. */
#ifndef WEFT_H
#define WEFT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A trained model. */
typedef struct weft_model weft_model;

/* A model on one sequence whose steps come one by one. */
typedef struct weft_stepper weft_stepper;

/* The version of the library, such as "0.2.0". */
const char *weft_version(void);

/* Frees an error. NULL is allowed. */
void weft_free(char *error);

/* Opens the best checkpoint of a run's folder, or a checkpoint, to compute on all available CPUs.
 *
 * Returns NULL if there is none, it is damaged, or its model is none of those that predict from arrays: classifiers,
 * models that predict values or tokens, and forecasts of a whole horizon. The caller closes the model. */
weft_model *weft_open(const char *path, char **error);

/* The same with a number of threads; 0 for all available CPUs. The result does not depend on it. */
weft_model *weft_open_with_threads(const char *path, int32_t threads, char **error);

/* Closes a model. Steppers that were made of it remain usable. NULL is allowed. */
void weft_close(weft_model *model);

/* Features of each step, which weft_predict reads; 0 if the model reads tokens, or for NULL. */
int64_t weft_input_size(const weft_model *model);

/* Size of the vocabulary, of which weft_predict_tokens reads numbers; 0 if the model reads features, or for NULL. */
int64_t weft_token_count(const weft_model *model);

/* The number of a token, given as UTF-8 text; that of <unk> if the vocabulary does not contain it, and -1 if it has no
 * <unk> either. */
int64_t weft_token_number(const weft_model *model, const char *token);

/* The text of a token, which lives as long as the model; NULL if there is none of that number. */
const char *weft_token_text(const weft_model *model, int64_t token);

/* Numbers of each prediction: the probabilities of all classes, tokens or labels; values, or medians of quantiles and
 * distributions; for a forecast, [horizon, values]. 0 for NULL. */
int64_t weft_output_size(const weft_model *model);

/* Predictions for a sequence of so many steps: 1 if the model predicts from the whole sequence, one for each step if it
 * predicts at each, and fewer if it pools steps. 0 for NULL or less than one step. */
int64_t weft_output_count(const weft_model *model, int64_t steps);

/* The name of a class, token or label of the predictions, which lives as long as the model; NULL if it has none. */
const char *weft_class_name(const weft_model *model, int64_t number);

/* Predicts for `batch` sequences, as `weft predict` does.
 *
 *   inputs   [batch, steps, weft_input_size], the features; all must be finite.
 *   lengths  [batch], the steps of each sequence, from 1 to `steps`, after which inputs are not read; NULL if all are
 *            `steps` long.
 *   outputs  [batch, weft_output_count(steps), weft_output_size], written; NaN after the predictions of a shorter
 *            sequence.
 *
 * Returns 0, or 1 after an error, in which case `outputs` are unchanged. */
int weft_predict(
    weft_model *model, const double *inputs, int64_t steps, int64_t batch, const int64_t *lengths, double *outputs,
    char **error);

/* The same for a model that reads tokens: `tokens` [batch, steps] are numbers of the vocabulary. */
int weft_predict_tokens(
    weft_model *model, const int32_t *tokens, int64_t steps, int64_t batch, const int64_t *lengths, double *outputs,
    char **error);

/* Begins a sequence whose steps come one by one.
 *
 * Returns NULL if predictions depend on more than the states of a pass forward, as those of bidirectional models do. The
 * caller destroys the stepper. */
weft_stepper *weft_stepper_create(weft_model *model, char **error);

/* Reads the `size` features of the next step, and writes the prediction after it to `outputs` [weft_output_size], with
 * the bits that weft_predict gives for the steps so far. `size` must be weft_input_size.
 *
 * Returns 0, or 1 after an error, in which case the step counts as not read and `outputs` are unchanged. */
int weft_step(weft_stepper *stepper, const double *features, int64_t size, double *outputs, char **error);

/* The same for a model that reads tokens. */
int weft_step_token(weft_stepper *stepper, int32_t token, double *outputs, char **error);

/* Begins another sequence. NULL is allowed. */
void weft_stepper_reset(weft_stepper *stepper);

/* Frees a stepper. NULL is allowed. */
void weft_stepper_destroy(weft_stepper *stepper);

#ifdef __cplusplus
}
#endif

#endif
