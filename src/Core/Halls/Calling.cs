namespace HallOps.Core.Halls;

/// <summary>The ticket a window calls next, and why.</summary>
internal readonly record struct Pick(Leg Leg, CallReason Reason, int Overtook, long? FirstOvertaken);

/// <summary>
/// Who is next (DOMAIN.md). Looks only at the heads of the groups on offer at the window, so that it costs the same with 100 or 10,000 waiting but for the logarithm of counting.
/// </summary>
internal static class Calling
{
    public static Pick? Next(HallState state, WindowState window, Instant now)
    {
        if (BeforeAnyScore(state, window, now) is { } first) return first;

        Candidate? best = null, plain = null;
        foreach (var (group, offer) in OpenGroups(state, window, now))
        {
            var candidate = new Candidate(group, group.FirstKey, offer, group.Score(group.FirstKey.Since, now) - offer.AfterMilliseconds * 10_000L);
            if (best is not { } b || candidate.PrecedesByScore(b)) best = candidate;
            if (plain is not { } p || candidate.PrecedesPlainly(p)) plain = candidate;
        }
        if (best is not { } chosen || plain is not { } firstInPlainOrder) return null;
        if (ReferenceEquals(chosen.Group, firstInPlainOrder.Group)) return new Pick(chosen.Leg, chosen.Offer.AfterMilliseconds > 0 ? CallReason.Help : CallReason.FirstCome, 0, null);

        var fairness = state.Settings.Fairness;
        var kept = new Pick(firstInPlainOrder.Leg, CallReason.Protected, 0, null);
        if (window.PriorityRun >= fairness.MaxPriorityRun) return kept;
        var overtaken = 0;
        foreach (var (group, offer) in OpenGroups(state, window, now))
        {
            var bound = chosen.BoundIn(offer, now);
            if (group.IsAnyBefore(bound, fairness.MaxOvertakes)) return kept;
            overtaken += group.CountBefore(bound);
        }
        return new Pick(chosen.Leg, CallReason.Class, overtaken, firstInPlainOrder.Leg.Ticket.Id.Ordinal);
    }

    /// <summary>Counts one more overtaking for every ticket that a call by score of <paramref name="leg"/> passes over. Called while the leg still waits.</summary>
    public static void CountOvertaking(HallState state, WindowState window, Leg leg, Instant now)
    {
        var offer = window.Offer.First(o => o.Line.Settings.Line == leg.Line);
        var called = new Candidate(leg.Group!, OrderKey.Of(leg), offer, 0);
        foreach (var (group, offered) in OpenGroups(state, window, now)) group.OvertakeBefore(called.BoundIn(offered, now));
    }

    private static Pick? BeforeAnyScore(HallState state, WindowState window, Instant now)
    {
        Leg? reserved = null, returned = null;
        foreach (var offer in window.Offer)
        {
            foreach (var group in offer.Line.Groups)
            {
                if (group.Place == WaitingPlace.Open || !IsCallable(state, group, offer, now)) continue;
                if (group.Place == WaitingPlace.Reserved && group.Window != window.Settings.Window) continue;
                ref var first = ref group.Place == WaitingPlace.Reserved ? ref reserved : ref returned;
                if (first is null || group.FirstKey.CompareTo(OrderKey.Of(first)) < 0) first = group.First;
            }
        }
        return (reserved ?? returned) is { } leg ? new Pick(leg, CallReason.Returned, 0, null) : null;
    }

    private static OpenGroupsOf OpenGroups(HallState state, WindowState window, Instant now) => new(state, window, now);

    private static bool IsCallable(HallState state, WaitingGroup group, OfferLine offer, Instant now) =>
        offer.Has(group.Service) && !state.IsSuspended(offer.Line, group.Service) && group.FirstKey.Since + offer.GateMilliseconds <= now.Milliseconds;

    /// <summary>The groups callable by score at a window, without allocating.</summary>
    private struct OpenGroupsOf(HallState state, WindowState window, Instant now)
    {
        private int _line;
        private int _group = -1;

        public readonly OpenGroupsOf GetEnumerator() => this;

        public readonly (WaitingGroup Group, OfferLine Offer) Current => (window.Offer[_line].Line.Groups[_group], window.Offer[_line]);

        public bool MoveNext()
        {
            for (; _line < window.Offer.Length; _line++, _group = -1)
            {
                var offer = window.Offer[_line];
                while (++_group < offer.Line.Groups.Count)
                {
                    var group = offer.Line.Groups[_group];
                    if (group.Place == WaitingPlace.Open && IsCallable(state, group, offer, now)) return true;
                }
            }
            return false;
        }
    }

    private readonly record struct Candidate(WaitingGroup Group, OrderKey Key, OfferLine Offer, long Score)
    {
        public Leg Leg => Group.First;

        public bool PrecedesByScore(Candidate other) => Score != other.Score ? Score > other.Score : Key.CompareTo(other.Key) < 0;

        /// <summary>Plain order: by <c>since</c> + <c>afterMinutes</c>, ties by <c>since</c>, then sequence.</summary>
        public bool PrecedesPlainly(Candidate other)
        {
            var (mine, theirs) = (Key.Since + Offer.AfterMilliseconds, other.Key.Since + other.Offer.AfterMilliseconds);
            return mine != theirs ? mine < theirs : Key.CompareTo(other.Key) < 0;
        }

        /// <summary>Where this ticket stands in plain order among the legs of a group on another offer: the legs before the bound precede it and are callable.</summary>
        public OrderKey BoundIn(OfferLine other, Instant now)
        {
            var since = Key.Since + Offer.AfterMilliseconds - other.AfterMilliseconds;
            var bound = since < Key.Since ? OrderKey.After(since) : since > Key.Since ? OrderKey.At(since) : Key;
            var gate = OrderKey.After(now.Milliseconds - other.GateMilliseconds);
            return bound.CompareTo(gate) < 0 ? bound : gate;
        }
    }
}
