using System.Numerics;

namespace HallOps.Core.Calendars;

/// <summary>Some members of a list, by their places in it: windows, or services. Immutable, equal by members; two sets are combined only where they are of one list.</summary>
internal sealed class IndexSet : IEquatable<IndexSet>
{
    private readonly ulong[] words;

    private IndexSet(ulong[] words) => this.words = words;

    /// <param name="length">Of the list.</param>
    public static IndexSet Of(int length, IEnumerable<int> members)
    {
        var words = new ulong[(length + 63) / 64];
        foreach (var member in members)
            words[member >> 6] |= 1UL << (member & 63);
        return new IndexSet(words);
    }

    public static IndexSet None(int length) => new(new ulong[(length + 63) / 64]);

    public static IndexSet All(int length) => Of(length, Enumerable.Range(0, length));

    public bool Contains(int member) => (words[member >> 6] >> (member & 63) & 1) != 0;

    public bool IsEmpty => words.AsSpan().IndexOfAnyExcept(0UL) < 0;

    public bool IsWithin(IndexSet other)
    {
        for (var i = 0; i < words.Length; i++)
            if ((words[i] & ~other.words[i]) != 0) return false;
        return true;
    }

    public static IndexSet operator |(IndexSet a, IndexSet b)
    {
        if (b.IsWithin(a)) return a;
        var words = new ulong[a.words.Length];
        for (var i = 0; i < words.Length; i++) words[i] = a.words[i] | b.words[i];
        return new IndexSet(words);
    }

    public static IndexSet operator &(IndexSet a, IndexSet b)
    {
        if (a.IsWithin(b)) return a;
        var words = new ulong[a.words.Length];
        for (var i = 0; i < words.Length; i++) words[i] = a.words[i] & b.words[i];
        return new IndexSet(words);
    }

    public static IndexSet operator -(IndexSet a, IndexSet b)
    {
        var words = new ulong[a.words.Length];
        for (var i = 0; i < words.Length; i++) words[i] = a.words[i] & ~b.words[i];
        return new IndexSet(words);
    }

    /// <summary>Ascending: in the list's order.</summary>
    public IEnumerable<int> Members
    {
        get
        {
            for (var i = 0; i < words.Length; i++)
                for (var rest = words[i]; rest != 0; rest &= rest - 1)
                    yield return (i << 6) + BitOperations.TrailingZeroCount(rest);
        }
    }

    public bool Equals(IndexSet? other) => other is not null && (ReferenceEquals(this, other) || words.AsSpan().SequenceEqual(other.words));
    public override bool Equals(object? obj) => Equals(obj as IndexSet);

    public override int GetHashCode()
    {
        var hash = 17UL;
        foreach (var word in words) hash = (hash ^ word) * 0x9E3779B97F4A7C15 >> 7;
        return (int)(hash ^ hash >> 32);
    }

    public override string ToString() => string.Join(',', Members);
}
