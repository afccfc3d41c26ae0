using System.Collections;

namespace HallOps.Core.Halls;

/// <summary>What a call looks at of a group before it looks at the group.</summary>
internal struct GroupHead
{
    public OrderKey First;

    /// <summary>weight(class) × lineWeight(line), in ten-thousandths.</summary>
    public long Weight;

    /// <summary>creditMinutes(class), in ten-thousandths of a millisecond.</summary>
    public long Credit;

    /// <summary>The most any of its legs was overtaken.</summary>
    public int Most;

    public WaitingPlace Place;
    public WaitingGroup Group;

    /// <summary>The score of a leg of the group without any window's handicap, in ten-thousandths of a millisecond.</summary>
    public readonly long Score(Instant since, Instant now) => ScoreRule.Score(Weight, Credit, now.Milliseconds - since.Milliseconds);
}

/// <summary>
/// A line's waiting groups, none of them empty, in no order that means anything. Their heads lie together in memory: a window that offers two lines of ten services and seven classes has a hundred
/// of them to compare, most of which have not been touched for a while.
/// </summary>
internal sealed class WaitingGroups : IReadOnlyCollection<WaitingGroup>
{
    private GroupHead[] _heads = [];

    public int Count { get; private set; }

    /// <summary>How many of them are called before any score.</summary>
    public int BeforeScore { get; private set; }

    public ReadOnlySpan<GroupHead> Heads => _heads.AsSpan(0, Count);

    /// <summary>A group that ran empty, to be used again: a line that is short all day would make one with every ticket.</summary>
    private WaitingGroup? _spare;

    /// <summary>The group of such legs, made where there is none yet: a leg must be added to it at once.</summary>
    public WaitingGroup For(LineState line, ServiceId service, ClassSettings @class, WaitingPlace place, WindowId window)
    {
        foreach (ref readonly var head in Heads)
            if (head.Place == place && head.Group.Service == service && head.Group.Class.Class == @class.Class && head.Group.Window == window) return head.Group;
        var group = _spare?.As(service, @class, place, window) ?? new WaitingGroup(line, service, @class, place, window);
        _spare = null;
        Add(group);
        return group;
    }

    public void Add(WaitingGroup group)
    {
        if (Count == _heads.Length) Array.Resize(ref _heads, Math.Max(2, Count * 2));
        if (group.Place != WaitingPlace.Open) BeforeScore++;
        group.Index = Count++;
        _heads[group.Index] = new GroupHead { Group = group, Place = group.Place };
        Reweigh(group);
    }

    /// <summary>Takes out a group that ran empty.</summary>
    public void Remove(WaitingGroup group)
    {
        if (group.Place != WaitingPlace.Open) BeforeScore--;
        Count--;
        if (group.Index < Count)
        {
            _heads[group.Index] = _heads[Count];
            _heads[group.Index].Group.Index = group.Index;
        }
        _heads[Count] = default;
        group.Index = -1;
        _spare = group;
    }

    /// <summary>The group's first leg or the most any of its legs was overtaken is another.</summary>
    public void Changed(WaitingGroup group, OrderKey first, int most)
    {
        ref var head = ref _heads[group.Index];
        (head.First, head.Most) = (first, most);
    }

    /// <summary>The document changed what classes and lines weigh.</summary>
    public void Reweigh(WaitingGroup group)
    {
        ref var head = ref _heads[group.Index];
        (head.Weight, head.Credit) = ((long)group.Class.WeightHundredths * group.Line.Settings.WeightHundredths, group.Class.CreditMinutes * 60_000L * 10_000L);
    }

    public IEnumerator<WaitingGroup> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return _heads[i].Group;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
