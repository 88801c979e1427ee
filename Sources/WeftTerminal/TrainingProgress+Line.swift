import WeftTraining

extension TrainingProgress: LineProgress {}
