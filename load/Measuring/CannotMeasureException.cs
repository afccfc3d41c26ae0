namespace HallOps.Load.Measuring;

/// <summary>Something the measurement needs is not there; the message says what to do.</summary>
internal sealed class CannotMeasureException(string message, Exception? inner = null) : Exception(message, inner);
