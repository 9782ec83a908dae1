/* audio: how near a signal is to a reference, in decibels, for rewards of tasks whose
 * answer is sound. */
#ifndef PLG_AUDIO_H
#define PLG_AUDIO_H
#include <stdbool.h>
#include <stddef.h>

/* Scale-invariant signal-to-distortion ratio of n samples; zero_mean removes the means
 * first (then also called SI-SNR). torchmetrics 1.9.0,
 * scale_invariant_signal_distortion_ratio, in doubles. */
double plg_si_sdr(const double *signal, const double *reference, size_t n, bool zero_mean);
/* Signal-to-noise ratio: signal_noise_ratio of the same. */
double plg_snr(const double *signal, const double *reference, size_t n);

#endif
