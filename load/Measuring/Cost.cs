using System.Diagnostics;

namespace HallOps.Load.Measuring;

/// <summary>What this process spent since some moment, its load generator included: processor time of all threads, bytes allocated, pauses for the collector.</summary>
internal readonly record struct Cost(TimeSpan Cpu, long Allocated, TimeSpan Paused, int Collections)
{
    public static Cost Now
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return new(process.TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: false), GC.GetTotalPauseDuration(), GC.CollectionCount(0));
        }
    }

    /// <summary>The most memory this process had at once, in MiB.</summary>
    public static double PeakMemoryMib
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / (double)(1 << 20);
        }
    }

    public static Cost operator -(Cost a, Cost b) => new(a.Cpu - b.Cpu, a.Allocated - b.Allocated, a.Paused - b.Paused, a.Collections - b.Collections);
}
