using System.Runtime.InteropServices;

namespace HallOps.Load.Measuring;

/// <summary>Where the figures were measured: without it they mean nothing.</summary>
internal sealed record Machine(string Cpu, int Cores, double MemoryGib, string Os, string Dotnet)
{
    public static Machine This { get; } = new(
        CpuModel() ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    public override string ToString() => FormattableString.Invariant($"{Cpu}, {Cores} cores, {MemoryGib:0.#} GiB, {Os}, {Dotnet}");

    private static string? CpuModel() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").Where(line => line.StartsWith("model name", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()).FirstOrDefault()
        : null;
}
