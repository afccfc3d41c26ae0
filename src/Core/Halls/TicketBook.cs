using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace HallOps.Core.Halls;

/// <summary>
/// A hall's tickets by ordinal, in its order. Ordinals follow one another, so a slot each does: no hashing, and eight bytes a ticket where a dictionary takes some thirty and is rebuilt as it grows.
/// </summary>
/// <remarks>Between a visit of long ago that is still being served and today's first number lie empty slots: eight bytes for each ticket forgotten since.</remarks>
internal sealed class TicketBook : IReadOnlyCollection<Ticket>
{
    private Ticket?[] _slots = [];

    /// <summary>The ordinal of slot 0.</summary>
    private long _origin;

    /// <summary>Where the first ticket is, and one past the last.</summary>
    private int _start, _end;

    public int Count { get; private set; }

    public Ticket this[long ordinal] => TryGetValue(ordinal, out var ticket) ? ticket : throw new KeyNotFoundException($"There is no ticket {ordinal}.");

    public bool Contains(long ordinal) => TryGetValue(ordinal, out _);

    public bool TryGetValue(long ordinal, [NotNullWhen(true)] out Ticket? ticket)
    {
        var slots = _slots;
        var at = ordinal - _origin;
        ticket = (ulong)at < (ulong)slots.Length ? slots[at] : null;
        return ticket is not null;
    }

    /// <summary>Adds a ticket whose ordinal is above all that were added before.</summary>
    public void Add(Ticket ticket)
    {
        var ordinal = ticket.Id.Ordinal;
        if (Count == 0)
        {
            _origin = ordinal;
            _start = _end = 0;
        }
        else if (ordinal < _origin + _end) throw new ArgumentException($"Ticket {ordinal} does not follow {_origin + _end - 1}.", nameof(ticket));
        var at = ordinal - _origin;
        if (at >= _slots.Length)
        {
            MakeRoom(at - _start + 1);
            at = ordinal - _origin;
        }
        _slots[at] = ticket;
        _end = (int)at + 1;
        Count++;
    }

    public void Remove(long ordinal)
    {
        if (!TryGetValue(ordinal, out _)) return;
        _slots[ordinal - _origin] = null;
        Count--;
        while (_start < _end && _slots[_start] is null) _start++;
        // A quiet night must not keep the room of the busiest day.
        if (Count == 0 && _slots.Length > 64) _slots = [];
    }

    public void EnsureCapacity(int count)
    {
        if (Count == 0 && count > _slots.Length) _slots = new Ticket?[count];
    }

    public IEnumerator<Ticket> GetEnumerator()
    {
        for (var i = _start; i < _end; i++)
            if (_slots[i] is { } ticket) yield return ticket;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Room for so many slots from the first ticket on: by moving what is there to the front where that is enough.</summary>
    private void MakeRoom(long slots)
    {
        var to = slots <= _slots.Length / 2 ? _slots : new Ticket?[checked((int)Math.Max(slots, Math.Max(8, (_end - _start) * 2L)))];
        Array.Copy(_slots, _start, to, 0, _end - _start);
        if (ReferenceEquals(to, _slots)) Array.Clear(to, _end - _start, _start);
        _slots = to;
        _origin += _start;
        _end -= _start;
        _start = 0;
    }
}
