using HallOps.Core.Halls;

namespace HallOps.Silo.Projections;

/// <summary>A row of the table <c>window_time</c>: a stretch in which the use of a window's time did not change.</summary>
/// <param name="To">Null: still so.</param>
internal sealed record WindowStretch(long From, string Use, string? Reason, string? Staff, long? To)
{
    public bool IsSame(WindowStretch other) => Use == other.Use && Reason == other.Reason && Staff == other.Staff;
}

/// <summary>
/// The last stretches of one window as they are stored, and what facts make of them. Only the last can be open; they follow each other without holes and none has no length, but for the gap after a window
/// that was gone. Not thread-safe.
/// </summary>
internal sealed class WindowStretches
{
    /// <summary>How many are kept: a start that becomes known later, or is taken back, lies in the last few.</summary>
    public const int Kept = 8;

    private static readonly string Walking = TableWord.Of(WindowUse.Walking);
    private static readonly string Serving = TableWord.Of(WindowUse.Serving);

    private readonly List<WindowStretch> _stretches;
    private readonly HashSet<long> _changed = [];
    // What the table has, by where it begins.
    private readonly HashSet<long> _stored;

    /// <param name="stored">The last ones of the table, in order, at most <see cref="Kept"/>.</param>
    public WindowStretches(IEnumerable<WindowStretch> stored)
    {
        _stretches = [.. stored];
        _stored = [.. _stretches.Select(s => s.From)];
    }

    public void Apply(in WindowFact fact)
    {
        switch (fact.Kind)
        {
            case WindowFactKind.Began: Relabel(Walking, Serving, fact.At); break;
            case WindowFactKind.NeverBegan: Relabel(Serving, Walking, fact.At); break;
            default: Turn(fact.Use is { } use ? new WindowStretch(fact.At, use, fact.Reason, fact.Staff, null) : null, fact.At); break;
        }
    }

    /// <summary>What is to be written, once: rows that are new or another, and where rows began that are no more.</summary>
    public void Take(List<WindowStretch> changed, List<long> gone)
    {
        foreach (var stretch in _stretches)
            if (_changed.Remove(stretch.From))
            {
                changed.Add(stretch);
                _stored.Add(stretch.From);
            }
        foreach (var from in _changed)
            if (_stored.Remove(from)) gone.Add(from);
        _changed.Clear();
        if (_stretches.Count <= Kept) return;
        for (var i = 0; i < _stretches.Count - Kept; i++) _stored.Remove(_stretches[i].From);
        _stretches.RemoveRange(0, _stretches.Count - Kept);
    }

    private void Turn(WindowStretch? next, long at)
    {
        if (_stretches is [.., { To: null } open])
        {
            if (open.From == at) RemoveAt(_stretches.Count - 1);
            else Put(_stretches.Count - 1, open with { To = at });
        }
        if (next is null) return;
        if (_stretches is [.., var before] && before.To == at && before.IsSame(next))
        {
            Put(_stretches.Count - 1, before with { To = null });
            return;
        }
        _stretches.Add(next);
        _changed.Add(at);
    }

    /// <summary>From a moment on one use was the other.</summary>
    private void Relabel(string was, string becomes, long from)
    {
        for (var i = _stretches.Count - 1; i >= 0 && !(_stretches[i].To <= from); i--)
        {
            var stretch = _stretches[i];
            if (stretch.Use != was) continue;
            if (stretch.From >= from)
            {
                Put(i, stretch with { Use = becomes });
                continue;
            }
            Put(i, stretch with { To = from });
            _stretches.Insert(i + 1, stretch with { From = from, Use = becomes });
            _changed.Add(from);
        }
        for (var i = _stretches.Count - 1; i > 0; i--)
        {
            if (_stretches[i - 1].To != _stretches[i].From || !_stretches[i - 1].IsSame(_stretches[i])) continue;
            Put(i - 1, _stretches[i - 1] with { To = _stretches[i].To });
            RemoveAt(i);
        }
    }

    private void Put(int at, WindowStretch stretch)
    {
        _stretches[at] = stretch;
        _changed.Add(stretch.From);
    }

    private void RemoveAt(int at)
    {
        _changed.Add(_stretches[at].From);
        _stretches.RemoveAt(at);
    }
}
