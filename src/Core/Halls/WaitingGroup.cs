namespace HallOps.Core.Halls;

/// <summary>Where a waiting leg can be called from.</summary>
internal enum WaitingPlace
{
    /// <summary>By score, at any window that offers its service.</summary>
    Open,
    /// <summary>At one window only, before any score.</summary>
    Reserved,
    /// <summary>At any window that offers its service, before any score: a missed visitor who is back.</summary>
    First,
}

/// <summary>
/// The waiting legs of one service and class in one place, in order of <c>since</c>, then of the leg's first sequence. Score and plain order both agree with this order
/// inside a group, whatever the weights, credits and handicaps of the moment; so the next ticket of a window is the best of a few heads, and those it overtakes are a prefix
/// of each group. A treap, its priorities drawn from the sequence: insert, remove, count, maximum and increment over a prefix all cost O(log n).
/// </summary>
internal sealed class WaitingGroup(LineState line, ServiceId service, ClassSettings @class, WaitingPlace place, WindowId window)
{
    private Leg? _root;
    private Leg? _first;

    public LineState Line { get; set; } = line;
    public ServiceId Service { get; } = service;
    public ClassSettings Class { get; set; } = @class;
    public WaitingPlace Place { get; } = place;

    /// <summary>The window the group is reserved for; read only where <see cref="Place"/> is <see cref="WaitingPlace.Reserved"/>.</summary>
    public WindowId Window { get; } = window;

    public int Count => _root?.Size ?? 0;

    /// <summary>The first leg. The group is never asked when empty.</summary>
    public Leg First => _first!;

    /// <summary>weight(class) × lineWeight(line), in ten-thousandths.</summary>
    public long Weight => (long)Class.WeightHundredths * Line.Settings.WeightHundredths;

    /// <summary>creditMinutes(class), in ten-thousandths of a millisecond.</summary>
    public long Credit => Class.CreditMinutes * 60_000L * 10_000L;

    /// <summary>The score without any window's handicap, in ten-thousandths of a millisecond.</summary>
    public long Score(Instant since, Instant now) => Weight * (now.Milliseconds - since.Milliseconds) + Credit;

    public void Add(Leg leg)
    {
        leg.Group = this;
        leg.Left = leg.Right = null;
        leg.Pending = 0;
        leg.Refresh();
        var (before, after) = Split(_root, OrderKey.Of(leg));
        _root = Merge(Merge(before, leg), after);
        if (_first is null || OrderKey.Of(leg).CompareTo(OrderKey.Of(_first)) < 0) _first = leg;
    }

    public void Remove(Leg leg)
    {
        var key = OrderKey.Of(leg);
        var (before, rest) = Split(_root, key);
        var (_, after) = Split(rest, key with { Sequence = key.Sequence + 1 });
        _root = Merge(before, after);
        leg.Group = null;
        leg.Left = leg.Right = null;
        leg.Pending = 0;
        if (ReferenceEquals(leg, _first)) _first = Leftmost(_root);
    }

    /// <summary>How many legs stand before the key.</summary>
    public int CountBefore(OrderKey key)
    {
        var count = 0;
        for (var node = _root; node is not null;)
        {
            if (OrderKey.Of(node).CompareTo(key) < 0)
            {
                count += 1 + (node.Left?.Size ?? 0);
                node = node.Right;
            }
            else node = node.Left;
        }
        return count;
    }

    /// <summary>The most any leg before the key has been overtaken; 0 where there is none.</summary>
    public int MostOvertakenBefore(OrderKey key)
    {
        var most = 0;
        var pending = 0;
        for (var node = _root; node is not null;)
        {
            pending += node.Pending;
            if (OrderKey.Of(node).CompareTo(key) < 0)
            {
                // A node's own count and its subtree's maximum already have the node's pending in them.
                most = Math.Max(most, node.Overtaken + pending - node.Pending);
                if (node.Left is { } left) most = Math.Max(most, left.MostOvertaken + pending);
                node = node.Right;
            }
            else node = node.Left;
        }
        return most;
    }

    /// <summary>Counts one more overtaking for every leg before the key.</summary>
    public void OvertakeBefore(OrderKey key)
    {
        var (before, after) = Split(_root, key);
        before?.Overtake(1);
        _root = Merge(before, after);
    }

    /// <summary>In order.</summary>
    public IEnumerable<Leg> InOrder()
    {
        var path = new Stack<Leg>();
        for (var node = _root; node is not null || path.Count > 0;)
        {
            for (; node is not null; node = node.Left)
            {
                node.PushDown();
                path.Push(node);
            }
            node = path.Pop();
            yield return node;
            node = node.Right;
        }
    }

    private static Leg? Leftmost(Leg? node)
    {
        while (node?.Left is { } left) node = left;
        return node;
    }

    private static (Leg? Before, Leg? After) Split(Leg? node, OrderKey key)
    {
        if (node is null) return (null, null);
        node.PushDown();
        if (OrderKey.Of(node).CompareTo(key) < 0)
        {
            (node.Right, var after) = Split(node.Right, key);
            node.Refresh();
            return (node, after);
        }
        (var before, node.Left) = Split(node.Left, key);
        node.Refresh();
        return (before, node);
    }

    private static Leg? Merge(Leg? before, Leg? after)
    {
        if (before is null) return after;
        if (after is null) return before;
        if (before.Priority >= after.Priority)
        {
            before.PushDown();
            before.Right = Merge(before.Right, after);
            before.Refresh();
            return before;
        }
        after.PushDown();
        after.Left = Merge(before, after.Left);
        after.Refresh();
        return after;
    }
}

/// <summary>The order inside a group and the tie-break everywhere: <c>since</c>, then the sequence of the leg's first event.</summary>
internal readonly record struct OrderKey(long Since, long Sequence) : IComparable<OrderKey>
{
    public static OrderKey Of(Leg leg) => new(leg.Since.Milliseconds, leg.FirstSequence);

    /// <summary>Before every leg that joined at <paramref name="since"/>.</summary>
    public static OrderKey At(long since) => new(since, long.MinValue);

    /// <summary>After every leg that joined at <paramref name="since"/>.</summary>
    public static OrderKey After(long since) => new(since, long.MaxValue);

    public int CompareTo(OrderKey other) => Since != other.Since ? Since.CompareTo(other.Since) : Sequence.CompareTo(other.Sequence);
}
