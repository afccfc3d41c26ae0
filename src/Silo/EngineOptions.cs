namespace HallOps.Silo;

/// <param name="IdleAfter">A hall nobody used for so long, with nobody watching and nothing due within <see cref="HallRunner.DueSoon"/>, leaves memory.</param>
/// <param name="CheckpointRecords">How far back the oldest record that is in no snapshot may lie before its hall is asked for one; start-up reads at most about twice that.</param>
public sealed record EngineOptions(TimeSpan IdleAfter, int CheckpointRecords = 100_000)
{
    public static EngineOptions Default { get; } = new(TimeSpan.FromMinutes(15));

    public HallActorOptions Actor { get; init; } = new();
}
