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

        Candidate best = default, plain = default;
        foreach (var offer in window.Offer)
        {
            if (!IsOpen(state, offer)) continue;
            var (after, gate, low, bare) = (offer.AfterMilliseconds, offer.GateAt(now), LowGate(state, window, offer, now), IsBare(state, offer));
            foreach (ref readonly var head in offer.Line.Groups.Heads)
            {
                if (head.Place != WaitingPlace.Open || head.First.Since > gate || !(bare || Has(state, offer, head.Group))) continue;
                if (head.First.Since > low && IsLeftToLow(offer, head.Group)) continue;
                var score = head.Score(new(head.First.Since), now) - after * 10_000L;
                if (best.Group is null || ScoreRule.IsBefore(score, head.First, best.Score, best.Key)) best = new(head.Group, head.First, offer, score);
                if (plain.Group is null || Candidate.PrecedesPlainly(head.First, after, plain)) plain = new(head.Group, head.First, offer, score);
            }
        }
        if (best.Group is null) return null;
        if (ReferenceEquals(best.Group, plain.Group)) return new Pick(best.Leg, best.Offer.AfterMilliseconds > 0 ? CallReason.Help : CallReason.FirstCome, 0, null);

        var fairness = state.Settings.Fairness;
        if (window.PriorityRun >= fairness.MaxPriorityRun || WouldOvertakeTooOften(state, window, best, fairness.MaxOvertakes, now)) return new Pick(plain.Leg, CallReason.Protected, 0, null);
        var overtaken = 0;
        foreach (var offer in window.Offer)
        {
            if (!IsOpen(state, offer)) continue;
            var (bound, low) = (best.BoundIn(offer, now), LowGate(state, window, offer, now));
            foreach (ref readonly var head in offer.Line.Groups.Heads)
                if (Cut(bound, low, offer, head.Group) is var own && IsBefore(state, head, own, offer)) overtaken += head.Group.CountBefore(own);
        }
        return new Pick(best.Leg, CallReason.Class, overtaken, plain.Leg.Ticket.Id.Ordinal);
    }

    /// <summary>Counts one more overtaking for every ticket that a call by score of <paramref name="leg"/> passes over. Called while the leg still waits.</summary>
    public static void CountOvertaking(HallState state, WindowState window, Leg leg, Instant now)
    {
        var called = new Candidate(leg.Group!, OrderKey.Of(leg), window.OfferOf(leg.Line)!, 0);
        var before = new List<OvertakenLine>(window.Offer.Length);
        foreach (var offer in window.Offer)
        {
            if (!IsOpen(state, offer)) continue;
            var (bound, low) = (called.BoundIn(offer, now), LowGate(state, window, offer, now));
            var any = false;
            foreach (ref readonly var head in offer.Line.Groups.Heads)
            {
                if (Cut(bound, low, offer, head.Group) is var own && !IsBefore(state, head, own, offer)) continue;
                head.Group.OvertakeBefore(own);
                any = true;
            }
            if (any) before.Add(new OvertakenLine(offer.Line.Settings.Line, bound, IsBare(state, offer) ? null : ServicesOf(state, offer), low == long.MaxValue ? null : new LeftToLow(low, LowServicesOf(state, offer))));
        }
        Explaining.Keep(state, leg, now, before);
    }

    /// <summary>What a window may call of a line at this moment.</summary>
    private static HashSet<ServiceId> ServicesOf(HallState state, OfferLine offer) =>
        [.. state.Settings.Services.Where(s => s.Line == offer.Line.Settings.Line && offer.Has(s.Service) && !state.SuspendedServices.ContainsKey(s.Service)).Select(s => s.Service)];

    private static HashSet<ServiceId> LowServicesOf(HallState state, OfferLine offer) =>
        [.. state.Settings.Services.Where(s => s.Line == offer.Line.Settings.Line && offer.Line.IsLowFor(s.Service)).Select(s => s.Service)];

    /// <summary>Those who need a low window may be called here if their waiting counts from then or before; no limit at a low window, or where none is open for the line.</summary>
    private static long LowGate(HallState state, WindowState window, OfferLine offer, Instant now) =>
        offer.Line.Low.Count == 0 || window.Settings.Low ? long.MaxValue : now.Milliseconds - state.Settings.Calling.LowFirstMinutes * 60_000L;

    private static bool IsLeftToLow(OfferLine offer, WaitingGroup group) => group.Class.NeedsLow && offer.Line.IsLowFor(group.Service);

    /// <summary>A bound for one group: of those left to a low window only who has waited long enough may be called here.</summary>
    private static OrderKey Cut(OrderKey bound, long low, OfferLine offer, WaitingGroup group) =>
        bound.Since > low && IsLeftToLow(offer, group) ? OrderKey.After(low) : bound;

    private static Pick? BeforeAnyScore(HallState state, WindowState window, Instant now)
    {
        Leg? reserved = null, returning = null, first = null;
        foreach (var offer in window.Offer)
        {
            if (offer.Line.Groups.BeforeScore == 0 || !IsOpen(state, offer)) continue;
            foreach (ref readonly var head in offer.Line.Groups.Heads)
            {
                if (head.Place == WaitingPlace.Open || !Has(state, offer, head.Group)) continue;
                // The gate keeps a helper from a line's fresh tickets, not from whom it was sent or asked back.
                if (head.Place.IsReserved ? head.Group.Window != window.Settings.Window : head.First.Since > offer.GateAt(now)) continue;
                ref var best = ref head.Place == WaitingPlace.First ? ref first : ref head.Place == WaitingPlace.Returning ? ref returning : ref reserved;
                if (best is null || head.First.CompareTo(OrderKey.Of(best)) < 0) best = head.Group.First;
            }
        }
        if (reserved is not null) return new Pick(reserved, CallReason.Reserved, 0, null);
        if ((returning ?? first) is { } leg) return new Pick(leg, CallReason.Returned, 0, null);
        return Due(state, window, now) is { } due ? new Pick(due, CallReason.Due, 0, null) : null;
    }

    /// <summary>The appointment of the window's own lines whose time has come, earliest slot first; null when there is none.</summary>
    private static Leg? Due(HallState state, WindowState window, Instant now)
    {
        (Instant Slot, Leg Leg)? best = null;
        foreach (var offer in window.Offer)
        {
            if (offer.AfterMilliseconds > 0 || offer.Line.Appointed.Count == 0 || !IsOpen(state, offer)) continue;
            foreach (var (slot, leg) in offer.Line.Appointed)
            {
                if (slot + Hall.DueAfter > now) break;
                if (leg.Since.Milliseconds > offer.GateAt(now) || !Has(state, offer, leg.Group!)) continue;
                if (best is not { } chosen || slot < chosen.Slot || (slot == chosen.Slot && OrderKey.Of(leg).CompareTo(OrderKey.Of(chosen.Leg)) < 0)) best = (slot, leg);
                break;
            }
        }
        return best?.Leg;
    }

    /// <summary>Whether a leg before the one to be called has been overtaken as often as the rules allow.</summary>
    private static bool WouldOvertakeTooOften(HallState state, WindowState window, in Candidate chosen, int most, Instant now)
    {
        foreach (var offer in window.Offer)
        {
            if (!IsOpen(state, offer)) continue;
            var (bound, low) = (chosen.BoundIn(offer, now), LowGate(state, window, offer, now));
            // Few groups have a leg that was overtaken so often: only those are looked into.
            foreach (ref readonly var head in offer.Line.Groups.Heads)
                if (head.Most >= most && Cut(bound, low, offer, head.Group) is var own && IsBefore(state, head, own, offer) && head.Group.IsAnyBefore(own, most)) return true;
        }
        return false;
    }

    /// <summary>Whether any leg of a group callable by score stands before a bound, which is never after the offer's gate.</summary>
    private static bool IsBefore(HallState state, in GroupHead head, OrderKey bound, OfferLine offer) =>
        head.Place == WaitingPlace.Open && head.First.CompareTo(bound) < 0 && (IsBare(state, offer) || Has(state, offer, head.Group));

    private static bool IsOpen(HallState state, OfferLine offer) => state.Suspension is null && offer.Line.Suspension is null;

    /// <summary>Every service of the line is on offer and none suspended: no group need be asked.</summary>
    private static bool IsBare(HallState state, OfferLine offer) => offer.Services is null && state.SuspendedServices.Count == 0;

    private static bool Has(HallState state, OfferLine offer, WaitingGroup group) =>
        offer.Has(group.Service) && !(state.SuspendedServices.Count > 0 && state.SuspendedServices.ContainsKey(group.Service));

    private readonly record struct Candidate(WaitingGroup Group, OrderKey Key, OfferLine Offer, long Score)
    {
        public Leg Leg => Group.First;

        /// <summary>Plain order: by <c>since</c> + <c>afterMinutes</c>, ties by <c>since</c>, then sequence.</summary>
        public static bool PrecedesPlainly(OrderKey key, long afterMilliseconds, in Candidate other) =>
            ScoreRule.IsPlainlyBefore(key.Since + afterMilliseconds, key, other.Key.Since + other.Offer.AfterMilliseconds, other.Key);

        /// <summary>Where this ticket stands in plain order among the legs of a group on another offer: the legs before the bound precede it and are callable.</summary>
        public OrderKey BoundIn(OfferLine other, Instant now)
        {
            var since = Key.Since + Offer.AfterMilliseconds - other.AfterMilliseconds;
            var bound = since < Key.Since ? OrderKey.After(since) : since > Key.Since ? OrderKey.At(since) : Key;
            var gate = OrderKey.After(other.GateAt(now));
            return bound.CompareTo(gate) < 0 ? bound : gate;
        }
    }
}
