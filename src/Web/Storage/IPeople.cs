using HallOps.Core.Halls;

namespace HallOps.Web.Storage;

/// <summary>Exchanges what identifies a person for the random id that the halls know. Safe from any thread.</summary>
public interface IPeople
{
    /// <summary>The same value of the same kind gives the same id for as long as the person's row is kept.</summary>
    /// <param name="kind"><c>id</c> or <c>phone</c>. The same person's ID number and telephone are two persons here.</param>
    /// <param name="value">As it was checked at the door; blanks, hyphens and case do not count.</param>
    ValueTask<PersonId> ExchangeAsync(string kind, string value, CancellationToken cancel);

    /// <summary>The value in clear, for those who may see it; null when erased or unknown.</summary>
    ValueTask<string?> RevealAsync(PersonId person, CancellationToken cancel);

    /// <summary>Who a value is, found without keeping it any longer; null when nobody is known by it.</summary>
    ValueTask<KnownPerson?> FindAsync(string kind, string value, CancellationToken cancel);

    /// <summary>Leaves a row in the audit that somebody was given all that is known of a person.</summary>
    ValueTask ExportedAsync(PersonId person, string who, CancellationToken cancel);

    /// <summary>Forgets a person for good, a restored backup included; false when it was not known.</summary>
    /// <param name="who">For the audit.</param>
    ValueTask<bool> EraseAsync(PersonId person, string who, CancellationToken cancel);

    /// <summary>Forgets everybody whose date has passed; how many. A backup has the dates too, so no list is kept of them.</summary>
    ValueTask<int> EraseDueAsync(CancellationToken cancel);
}

/// <param name="KeptUntil">When retention ends.</param>
public sealed record KnownPerson(PersonId Person, DateTimeOffset KeptUntil);
