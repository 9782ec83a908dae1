/* task/impl.h - what the files of task share and nobody else sees. */
#ifndef ASY_TASK_IMPL_H
#define ASY_TASK_IMPL_H
#include "task/task.h"

assay_status asy_memory_load(asy_task *task, assay_err *err) ASSAY_CHECKED;
#endif
