using System.Collections;

namespace HallOps.Core.Halls;

/// <summary>Events, in order, or a refusal. No events and no refusal: the command changes nothing and is answered all the same.</summary>
public readonly struct Decision
{
    private Decision(EventList events, Refusal? refusal) => (Events, Refusal) = (events, refusal);

    public EventList Events { get; }

    public Refusal? Refusal { get; }

    public static Decision Nothing => default;
    public static Decision Of(params HallEvent[] events) => new(new EventList(events), null);
    public static Decision Refuse(RefusalCode code, params (string, object?)[] facts) => new(default, new Refusal(code, facts));

    public static implicit operator Decision(HallEvent one) => new(new EventList(one), null);
    public static implicit operator Decision(Refusal refusal) => new(default, refusal);
    public static implicit operator Decision(EventList events) => new(events, null);
}

/// <summary>The events of one command, in order. Nearly always one, which then needs no list.</summary>
public readonly struct EventList : IReadOnlyList<HallEvent>
{
    private readonly HallEvent? _one;
    private readonly HallEvent[]? _many;

    public EventList(HallEvent one) => _one = one;

    /// <param name="events">Not to be changed after this.</param>
    public EventList(params HallEvent[] events)
    {
        if (events is [var one]) _one = one;
        else _many = events;
    }

    public int Count => _many?.Length ?? (_one is null ? 0 : 1);

    public HallEvent this[int index] => _many is not null ? _many[index] : _one is not null && index == 0 ? _one : throw new ArgumentOutOfRangeException(nameof(index));

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<HallEvent> IEnumerable<HallEvent>.GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<HallEvent>)this).GetEnumerator();

    /// <summary>Passes over the events without allocating.</summary>
    public struct Enumerator
    {
        private readonly EventList _events;
        private int _index = -1;

        internal Enumerator(EventList events) => _events = events;

        public readonly HallEvent Current => _events[_index];

        public bool MoveNext() => ++_index < _events.Count;
    }
}
