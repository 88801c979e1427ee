// The umbrella module: public interfaces of all modules.

@_exported import WeftBase
@_exported import WeftConfiguration
@_exported import WeftData
@_exported import WeftLayers
@_exported import WeftMetrics
@_exported import WeftModels
@_exported import WeftParallel
@_exported import WeftPlots
@_exported import WeftTasks
@_exported import WeftText
@_exported import WeftTraining
