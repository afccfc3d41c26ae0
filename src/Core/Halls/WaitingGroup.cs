using System.Numerics;

namespace HallOps.Core.Halls;

/// <summary>Where a waiting leg can be called from.</summary>
internal enum WaitingPlace : byte
{
    /// <summary>By score, at any window that offers its service.</summary>
    Open,
    /// <summary>At one window only, before any score: a missed visitor who is back, at the window that called.</summary>
    Returning,
    /// <summary>At any window that offers its service, before any score: one who was missed or being served, and is back.</summary>
    First,
    /// <summary>At one window only, before any other: one who was being served there and is back.</summary>
    Resuming,
    /// <summary>At one window only, before any other: one who was passed on to it.</summary>
    Sent,
}

internal static class WaitingPlaces
{
    extension(WaitingPlace place)
    {
        /// <summary>Called by one window only.</summary>
        public bool IsReserved => place is WaitingPlace.Returning or WaitingPlace.Resuming or WaitingPlace.Sent;
    }
}

/// <summary>
/// The waiting legs of one service and class in one place, in order of <c>since</c>, then of the leg's first sequence. Score and plain order both agree with this order
/// inside a group, whatever the weights, credits and handicaps of the moment; so the next ticket of a window is the best of a few heads, and those it overtakes are a prefix
/// of each group.
/// </summary>
/// <remarks>
/// Kept in blocks of at most <see cref="BlockSize"/>, each with its last key, its count, the most any of its legs was overtaken, and overtakings of all its legs not yet written into them. What a
/// call looks at is the heads of blocks, which lie together in memory, and one block: a tree of 10,000 legs cost five times what 100 did, in cache misses alone.
/// </remarks>
internal sealed class WaitingGroup(LineState line, ServiceId service, ClassSettings @class, WaitingPlace place, WindowId window)
{
    public const int BlockSize = 32;

    // A group that ran empty keeps the room of so many legs at most.
    private const int KeptRoom = 16;

    private Block[] _blocks = new Block[1];
    private int _most;

    public LineState Line { get; set; } = line;
    public ServiceId Service { get; private set; } = service;
    public ClassSettings Class { get; set; } = @class;
    public WaitingPlace Place { get; private set; } = place;

    /// <summary>The window the group is reserved for; of a place that is no window's, nothing.</summary>
    public WindowId Window { get; private set; } = window;

    /// <summary>Where it stands among the groups of its line; below 0 while it is empty.</summary>
    public int Index { get; set; } = -1;

    public int Count { get; private set; }

    /// <summary>What a pass over the group looks at, beside one block.</summary>
    public int Blocks { get; private set; }

    /// <summary>The first leg. The group is never asked when empty.</summary>
    public Leg First => _blocks[0].Legs[0];

    /// <summary>This group, empty, as another of the same line.</summary>
    public WaitingGroup As(ServiceId service, ClassSettings @class, WaitingPlace place, WindowId window)
    {
        (Service, Class, Place, Window) = (service, @class, place, window);
        return this;
    }

    public void Add(Leg leg)
    {
        leg.Group = this;
        Count++;
        var key = OrderKey.Of(leg);
        var at = BlockOf(key);
        if (at == Blocks && at > 0 && _blocks[at - 1].Count < BlockSize) at--;
        if (at == Blocks) InsertBlock(at, Blocks == 0 && _blocks[0].Legs is not null ? _blocks[0] : new Block(4));
        else if (_blocks[at].Count == BlockSize)
        {
            InsertBlock(at + 1, _blocks[at].SplitOff(BlockSize / 2));
            if (_blocks[at].Last.CompareTo(key) < 0) at++;
        }
        _blocks[at].Insert(_blocks[at].Find(key), key, leg);
        _most = Math.Max(_most, leg.Overtaken);
        TellLine();
    }

    public void Remove(Leg leg)
    {
        leg.Group = null;
        Count--;
        var key = OrderKey.Of(leg);
        var at = BlockOf(key);
        ref var block = ref _blocks[at];
        leg.Overtaken = block.Remove(block.Find(key));
        if (block.Count == 0) RemoveBlock(at);
        Merge(at);
        Merge(at - 1);
        if (_most > 0 && leg.Overtaken == _most) _most = MostOfBlocks();
        if (Blocks > 0) TellLine();
    }

    private void TellLine() => Line.Groups.Changed(this, _blocks[0].First, _most);

    private int MostOfBlocks()
    {
        var most = 0;
        for (var i = 0; i < Blocks; i++) most = Math.Max(most, _blocks[i].Most);
        return most;
    }

    /// <summary>Makes one block of two small ones, so that legs which leave from the middle never leave more blocks than a few times what is needed.</summary>
    private void Merge(int at)
    {
        if (at < 0 || at + 1 >= Blocks || _blocks[at].Count + _blocks[at + 1].Count > BlockSize / 2) return;
        _blocks[at].Append(_blocks[at + 1]);
        RemoveBlock(at + 1);
    }

    /// <summary>How many legs stand before the key.</summary>
    public int CountBefore(OrderKey key)
    {
        // Whoever comes now is behind all of them.
        if (Blocks > 0 && _blocks[Blocks - 1].Last.CompareTo(key) < 0) return Count;
        var count = 0;
        for (var i = 0; i < Blocks; i++)
        {
            ref var block = ref _blocks[i];
            if (block.Last.CompareTo(key) >= 0) return count + block.Find(key);
            count += block.Count;
        }
        return count;
    }

    /// <summary>How often a leg of the group was overtaken.</summary>
    public int OvertakenOf(Leg leg)
    {
        var key = OrderKey.Of(leg);
        ref readonly var block = ref _blocks[BlockOf(key)];
        return block.Overtaken[block.Find(key)] + block.Pending;
    }

    /// <summary>Whether any leg before the key has been overtaken so often, or more.</summary>
    public bool IsAnyBefore(OrderKey key, int overtaken)
    {
        for (var i = 0; i < Blocks; i++)
        {
            ref var block = ref _blocks[i];
            if (block.Last.CompareTo(key) >= 0) return block.Most >= overtaken && block.Find(key) is var count and > 0 && block.MostOfFirst(count) >= overtaken;
            if (block.Most >= overtaken) return true;
        }
        return false;
    }

    /// <summary>Counts one more overtaking for every leg before the key.</summary>
    public void OvertakeBefore(OrderKey key)
    {
        CountBlocks(key);
        if (Blocks > 0) TellLine();
    }

    private void CountBlocks(OrderKey key)
    {
        for (var i = 0; i < Blocks; i++)
        {
            ref var block = ref _blocks[i];
            if (block.Last.CompareTo(key) >= 0)
            {
                block.OvertakeFirst(block.Find(key));
                _most = Math.Max(_most, block.Most);
                return;
            }
            block.Pending++;
            block.Most++;
            _most = Math.Max(_most, block.Most);
        }
    }

    /// <summary>In order; the overtakings of each are exact while it passes.</summary>
    public IEnumerable<Leg> InOrder()
    {
        for (var i = 0; i < Blocks; i++)
        {
            for (var j = 0; j < _blocks[i].Count; j++)
            {
                var leg = _blocks[i].Legs[j];
                leg.Overtaken = _blocks[i].Overtaken[j] + _blocks[i].Pending;
                yield return leg;
            }
        }
    }

    /// <summary>The first block whose last key is not before the key.</summary>
    private int BlockOf(OrderKey key)
    {
        var (low, high) = (0, Blocks);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_blocks[middle].Last.CompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private void InsertBlock(int at, Block block)
    {
        if (Blocks == _blocks.Length) Array.Resize(ref _blocks, Blocks * 2);
        Array.Copy(_blocks, at, _blocks, at + 1, Blocks - at);
        _blocks[at] = block;
        Blocks++;
    }

    private void RemoveBlock(int at)
    {
        Blocks--;
        if (Blocks == 0 && _blocks[0].Legs.Length <= KeptRoom)
        {
            // Its room is for the next leg: most groups have one or two at a time.
            _blocks[0].Most = _blocks[0].Pending = 0;
            return;
        }
        Array.Copy(_blocks, at + 1, _blocks, at, Blocks - at);
        _blocks[Blocks] = default;
    }

    private struct Block(int capacity)
    {
        /// <summary>The key of the last leg; of an empty block nothing.</summary>
        public OrderKey Last;
        public int Count;

        /// <summary>The most any leg was overtaken, what is pending included.</summary>
        public int Most;

        /// <summary>Overtakings of every leg that are not yet in <see cref="Overtaken"/>.</summary>
        public int Pending;

        public Leg[] Legs = new Leg[capacity];
        public int[] Overtaken = new int[capacity];
        private OrderKey[] _keys = new OrderKey[capacity];

        public readonly OrderKey First => _keys[0];

        /// <summary>How many legs stand before the key.</summary>
        public readonly int Find(OrderKey key)
        {
            var (low, high) = (0, Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_keys[middle].CompareTo(key) < 0) low = middle + 1;
                else high = middle;
            }
            return low;
        }

        public readonly int MostOfFirst(int count)
        {
            var rest = Overtaken.AsSpan(0, count);
            var most = -Pending;
            if (rest.Length >= Vector<int>.Count)
            {
                var mosts = new Vector<int>(most);
                for (; rest.Length >= Vector<int>.Count; rest = rest[Vector<int>.Count..]) mosts = Vector.Max(mosts, new Vector<int>(rest));
                for (var i = 0; i < Vector<int>.Count; i++) most = Math.Max(most, mosts[i]);
            }
            foreach (var overtaken in rest) most = Math.Max(most, overtaken);
            return most + Pending;
        }

        public void OvertakeFirst(int count)
        {
            var rest = Overtaken.AsSpan(0, count);
            for (; rest.Length >= Vector<int>.Count; rest = rest[Vector<int>.Count..]) (new Vector<int>(rest) + Vector<int>.One).CopyTo(rest);
            foreach (ref var overtaken in rest) overtaken++;
            Most = Math.Max(Most, MostOfFirst(count));
        }

        public void Insert(int at, OrderKey key, Leg leg)
        {
            if (Count == Legs.Length)
            {
                var capacity = Math.Min(Count * 2, BlockSize);
                Array.Resize(ref Legs, capacity);
                Array.Resize(ref Overtaken, capacity);
                Array.Resize(ref _keys, capacity);
            }
            Array.Copy(Legs, at, Legs, at + 1, Count - at);
            Array.Copy(Overtaken, at, Overtaken, at + 1, Count - at);
            Array.Copy(_keys, at, _keys, at + 1, Count - at);
            (Legs[at], Overtaken[at], _keys[at]) = (leg, leg.Overtaken - Pending, key);
            Most = Math.Max(Most, leg.Overtaken);
            Last = _keys[Count++];
        }

        /// <summary>Returns how often the leg was overtaken.</summary>
        public int Remove(int at)
        {
            var overtaken = Overtaken[at] + Pending;
            Count--;
            Array.Copy(Legs, at + 1, Legs, at, Count - at);
            Array.Copy(Overtaken, at + 1, Overtaken, at, Count - at);
            Array.Copy(_keys, at + 1, _keys, at, Count - at);
            Legs[Count] = null!;
            if (Count > 0) Last = _keys[Count - 1];
            if (overtaken == Most) Most = MostOfFirst(Count);
            return overtaken;
        }

        /// <summary>Takes the legs from a place on out into a block of their own.</summary>
        public Block SplitOff(int from)
        {
            var rest = new Block(BlockSize) { Count = Count - from, Pending = Pending };
            Array.Copy(Legs, from, rest.Legs, 0, rest.Count);
            Array.Copy(Overtaken, from, rest.Overtaken, 0, rest.Count);
            Array.Copy(_keys, from, rest._keys, 0, rest.Count);
            Array.Clear(Legs, from, rest.Count);
            rest.Last = Last;
            rest.Most = rest.MostOfFirst(rest.Count);
            Count = from;
            Last = _keys[from - 1];
            Most = MostOfFirst(Count);
            return rest;
        }

        /// <summary>Takes in the legs of the block after it.</summary>
        public void Append(in Block next)
        {
            for (var i = 0; i < next.Count; i++)
            {
                next.Legs[i].Overtaken = next.Overtaken[i] + next.Pending;
                Insert(Count, next._keys[i], next.Legs[i]);
            }
        }
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
