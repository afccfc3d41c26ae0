using HallOps.Silo;

namespace HallOps.Simulation.Tests;

/// <summary>Where a replay records: it has nothing to.</summary>
internal sealed class Nowhere : IRecorder
{
    public static readonly Nowhere Instance = new();

    public bool HasRoom => false;
    public string? Unavailable => "a replay records nothing";
    public void Append(ReadOnlySpan<byte> frames, int count) => throw new LawBrokenException("a replay recorded something");
}
