using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace HallOps.Load.Orleans;

/// <summary>A hall as a grain usually is: the same rules, and its whole state written to Orleans' own storage before each answer.</summary>
internal interface IWholeStateGrain : IGrainWithStringKey
{
    ValueTask<HallAnswer> SendAsync([Immutable] HallRequest request);

    /// <summary>A call and nothing else.</summary>
    ValueTask PingAsync();
}

internal sealed class WholeStateGrain([PersistentState("state", OrleansHosts.Store)] IPersistentState<WholeState> kept) : Grain, IWholeStateGrain
{
    private static readonly HallClock Clock = new(TimeProvider.System, OrleansScenario.Morning);
    private HallActor _actor = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _actor = new HallActor(1, new HallId(this.GetPrimaryKeyString()), TimeSpan.FromSeconds(30));
        _actor.Loaded(1, new HallHistory(new Head(1, 0), null, []), new Nothing(), Clock.Now);
        return Task.CompletedTask;
    }

    public async ValueTask<HallAnswer> SendAsync(HallRequest request)
    {
        var answer = new Answer();
        _actor.Take(request, answer, Clock.Now);
        _actor.Stored(long.MaxValue, Clock.Now);
        kept.State.Body = _actor.Snapshot(again: true)!.Value.Body.ToArray();
        await kept.WriteStateAsync();
        return answer.Given!;
    }

    public ValueTask PingAsync() => default;

    private sealed class Answer : IPendingAnswer
    {
        public HallAnswer? Given { get; private set; }

        public void Set(HallAnswer answer) => Given = answer;
    }

    /// <summary>What was decided is in the state that is written.</summary>
    private sealed class Nothing : IRecorder
    {
        public bool HasRoom => true;

        public string? Unavailable => null;

        public bool Keeps => false;

        public void Append(ReadOnlySpan<byte> frames, int count) { }
    }
}

public sealed class WholeState
{
    public byte[] Body { get; set; } = [];
}
