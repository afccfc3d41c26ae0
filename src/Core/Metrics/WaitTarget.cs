namespace HallOps.Core.Metrics;

/// <summary>What a wait should at most be.</summary>
/// <param name="Milliseconds">Included. Where each line has its own: that of lines that have none.</param>
/// <param name="IsOfLines">Each leg is measured by the target that its line had when it began.</param>
public readonly record struct WaitTarget(long Milliseconds, bool IsOfLines = false);

/// <summary>Durations by the targets of their lines: how many were in time, and those of lines without one, for whichever target is asked about. Not thread-safe.</summary>
internal sealed class LineDurations
{
    private long _inTime;
    private Durations _others = new();

    /// <param name="target">The line's own; null: it has none.</param>
    public void Add(long milliseconds, long? target)
    {
        if (target is null) _others.Add(milliseconds);
        else if (milliseconds <= target) _inTime++;
    }

    public void Add(LineDurations other)
    {
        _inTime += other._inTime;
        _others.Add(other._others);
    }

    /// <param name="otherwise">The target of lines that have none.</param>
    public long InTime(long otherwise) => _inTime + _others.CountUpTo(otherwise);

    public void Write(MetricBytes.Writer to)
    {
        to.Number(_inTime);
        _others.Write(to);
    }

    public static LineDurations Read(ref MetricBytes.Reader from) => new() { _inTime = from.Number(), _others = Durations.Read(ref from) };
}
