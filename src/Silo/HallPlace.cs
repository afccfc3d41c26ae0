using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>Where a hall is run: its number and id, the turns it takes, and the hall itself while it is in memory.</summary>
/// <param name="turns">Runs the hall's turns, one at a time; null: the thread pool does.</param>
internal class HallPlace(uint number, HallId hall, TaskScheduler? turns = null)
{
    /// <summary>Null while the hall is not in memory.</summary>
    public ResidentHall? Resident;

    public uint Number { get; } = number;
    public HallId Hall { get; } = hall;
    public TaskScheduler? Turns { get; } = turns;
    public HallRef Ref => new(Number, Hall);

    /// <summary>Its first event is durable.</summary>
    public volatile bool Exists;

    /// <summary>Somebody else claimed the hall: whether it is left to them, or claimed again.</summary>
    public virtual bool LeavesToOthers => false;

    /// <summary>The hall is let go from memory: whoever asks for it next loads it again.</summary>
    public void Leave(ResidentHall hall)
    {
        if (Interlocked.CompareExchange(ref Resident, null, hall) == hall) Left();
    }

    /// <summary>The hall left memory. On its turn, or on the engine's tick.</summary>
    protected virtual void Left() { }
}
